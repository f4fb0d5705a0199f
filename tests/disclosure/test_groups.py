"""Which sums over municipalities give one of them away."""

import itertools
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from weltoffen_etl.disclosure.groups import SeenSums, State, is_dominated


def _sum(*names: str, state: str = "1") -> frozenset[tuple[str, str]]:
    return frozenset((name, state) for name in names)


def test_two_others_are_too_few_and_three_are_enough() -> None:
    assert not SeenSums().allows(_sum("a", "b"))
    assert SeenSums().allows(_sum("a", "b", "c"))


def test_a_difference_of_two_groups_gives_one_away() -> None:
    seen = SeenSums()
    seen.add(_sum("a", "b", "c", "d"))
    assert not seen.allows(_sum("a", "b", "c"))
    # Two are left over, and either of them then knows the other.
    seen = SeenSums()
    seen.add(_sum("a", "b", "c", "d", "e"))
    assert not seen.allows(_sum("a", "b", "c"))
    seen = SeenSums()
    seen.add(_sum("a", "b", "c", "d", "e", "f"))
    assert seen.allows(_sum("a", "b", "c"))


def test_a_newcomer_is_not_told_by_the_release_before() -> None:
    seen = SeenSums()
    seen.add(_sum("a", "b", "c"))
    assert not seen.allows(_sum("a", "b", "c", "d"))
    assert seen.allows(_sum("a", "b", "c", "d", "e", "f"))


def test_a_change_of_one_municipality_is_not_told() -> None:
    seen = SeenSums()
    seen.add(_sum("a", "b", "c", "d"))
    one = frozenset({("a", "2"), *_sum("b", "c", "d")})
    assert not seen.allows(one)
    assert not seen.allows(frozenset({("a", "2"), ("b", "2"), *_sum("c", "d")}))
    assert seen.allows(frozenset({("a", "2"), ("b", "2"), ("c", "2"), *_sum("d")}))


def _told_by_elimination(sums: list[frozenset[tuple[str, str]]]) -> bool:
    """The same question by exact fractions: is a unit vector in the row space?"""
    states = sorted(set().union(*sums))
    rows = [[Fraction(state in members) for state in states] for members in sums]

    def rank(matrix: list[list[Fraction]]) -> int:
        work = [row[:] for row in matrix]
        found = 0
        for column in range(len(states)):
            pivot = next((r for r in range(found, len(work)) if work[r][column] != 0), None)
            if pivot is None:
                continue
            work[found], work[pivot] = work[pivot], work[found]
            for r in range(len(work)):
                if r != found and work[r][column] != 0:
                    factor = work[r][column] / work[found][column]
                    work[r] = [x - factor * y for x, y in zip(work[r], work[found], strict=True)]
            found += 1
        return found

    def unit(number: int) -> list[Fraction]:
        return [Fraction(x == number) for x in range(len(states))]

    questions = [(unit(x), states[x][0]) for x in range(len(states))]
    for one, other in itertools.combinations(range(len(states)), 2):
        if states[one][0] == states[other][0]:
            questions.append(
                ([x - y for x, y in zip(unit(one), unit(other), strict=True)], states[one][0])
            )
    for known in [None, *{place for place, _ in states}]:
        own = [unit(x) for x in range(len(states)) if states[x][0] == known]
        base = rank([*rows, *own])
        for vector, place in questions:
            if place != known and rank([*rows, *own, vector]) == base:
                return True
    return False


def _sums(places: str, states: str, most: int) -> st.SearchStrategy[list[frozenset[State]]]:
    state = st.tuples(st.sampled_from(places), st.sampled_from(states))
    return st.lists(st.frozensets(state, min_size=1), min_size=1, max_size=most)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_sums("abcdef", "12", 4) | _sums("abcdefghij", "1", 5) | _sums("abc", "123", 5))
def test_agrees_with_exact_elimination(sums: list[frozenset[tuple[str, str]]]) -> None:
    seen = SeenSums()
    for members in sums[:-1]:
        seen.add(members)
    if sums[-1] not in sums[:-1]:
        assert seen.allows(sums[-1]) != _told_by_elimination(sums)


def test_dominance() -> None:
    assert is_dominated({"a": 100}, 0.15)
    assert is_dominated({"a": 100, "b": 50}, 0.15)
    assert is_dominated({"a": 100, "b": 50, "c": 14}, 0.15)
    assert not is_dominated({"a": 100, "b": 50, "c": 15}, 0.15)
