"""An installation on a machine of its own: what systemd runs there and what it may do."""
