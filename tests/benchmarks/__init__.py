"""Scripts that measure; nothing here is asserted in a test."""
