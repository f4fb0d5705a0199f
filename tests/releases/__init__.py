"""Releases over time: what differs between two, which stay, rebuilding one, reading while publishing."""
