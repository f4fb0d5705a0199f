"""The warehouse: built from the stage in one go, audited, and published as a release."""
