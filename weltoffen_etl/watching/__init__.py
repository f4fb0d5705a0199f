"""Notices when nights stay away or fail, and tells once: heartbeat, health, incidents, metrics."""
