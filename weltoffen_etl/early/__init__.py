"""Checks new files by day and tells their senders at once; nothing is archived or published."""
