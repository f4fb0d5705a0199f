"""What can go wrong in asking a release, whoever asks; each says what to do."""


class QueryError(RuntimeError):
    """There is no release yet, or the SQL does not run."""


class UnknownReleaseError(LookupError):
    """No release has this name."""


class UnknownTableError(LookupError):
    """The release has no such table; the sentence says which are near."""


class UnknownNameError(LookupError):
    """No municipality, action field or wave has this name; the sentence says which are near."""
