"""Bytes → text grids: one module per file format, none of which knows a survey tool."""
