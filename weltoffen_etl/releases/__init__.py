"""Releases as wholes: publishing one, listing them, how long they stay, rebuilding them."""
