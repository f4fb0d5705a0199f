"""The data dictionary of a release as a page and as Markdown."""
