"""The report on files that were checked by day, before anything is published."""
