"""Keeps a second copy of what nothing can rebuild, and brings it back."""
