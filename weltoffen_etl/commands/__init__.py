"""The commands of ``weltoffen``, one module for each kind of user. Thin: parse, call, print."""
