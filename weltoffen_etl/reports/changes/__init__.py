"""What a release changed: ``CHANGES.md`` in its folder."""
