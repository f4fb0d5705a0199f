"""The hostile corpus: every way in which a delivered file is known to go wrong."""

from functools import cache

from tests.hostile.cases import contents, other_formats, places, text, workbooks
from tests.hostile.material import Case

_SOURCES = (text, workbooks, other_formats, contents, places)


@cache
def corpus() -> tuple[Case, ...]:
    """All cases; names are unique."""
    found = tuple(case for source in _SOURCES for case in source.cases())
    names = [case.name for case in found]
    if len(set(names)) < len(names):
        raise ValueError(f"a name is used twice: {sorted(x for x in names if names.count(x) > 1)}")
    return found
