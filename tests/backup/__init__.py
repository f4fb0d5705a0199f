"""Keeping and restoring an installation, who may read it, and what it withstands."""
