"""How small groups are merged: a second implementation for comparison."""

from collections.abc import Mapping


def merged(sizes: Mapping[str, int], least: int) -> set[str]:
    """Takes the smallest groups until the rest and what was taken are large enough."""
    rest = sorted((n, name) for name, n in sizes.items())
    taken: list[tuple[int, str]] = []
    while rest and (rest[0][0] < least or (taken and sum(n for n, _ in taken) < least)):
        taken.append(rest.pop(0))
    return {name for _, name in taken}
