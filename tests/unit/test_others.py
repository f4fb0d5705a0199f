"""Other municipalities in a text, against one expression of all their names."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from weltoffen_etl.reports.partner.facts import Municipality
from weltoffen_etl.reports.partner.others import SOMEONE_ELSE, Names, Neighbours

NAMES = ["Au", "Au-West", "Landkreis Au", "Bad Au (Nord)", "Bad Au", "(Neu) Au", "St. Au", "Äu2"]
EVERYONE = [Municipality(f"{number:08}", name, "") for number, name in enumerate(NAMES, 1)]
PIECES = [
    *NAMES,
    "Landkreis",
    "Bad",
    "Bade",
    "Aue",
    " ",
    "-",
    "(",
    ")",
    "x",
    "_",
    "2",
    ".",
    "Ä",
    "\n",
]


def by_expression(text: str, own: str) -> str:
    """The names as one alternative after the other, the longest first."""
    names = sorted(NAMES, key=lambda name: (-len(name), name))
    found = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))
    return found.sub(lambda name: name[0] if name[0] == own else SOMEONE_ELSE, text)


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.sampled_from(EVERYONE))
@example("Landkreis Au, Bad Au (Nord) und x(Neu) Au", EVERYONE[0])
@example("Au-West-Au Aue _Au (Neu) Au2", EVERYONE[1])
def test_names_are_found_as_by_one_expression(text: str, own: Municipality) -> None:
    assert Names(EVERYONE).replaced(text, own.name) == by_expression(text, own.name)


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.sampled_from(EVERYONE))
def test_nothing_but_names_and_keys_changes(text: str, own: Municipality) -> None:
    hidden = Neighbours(own, Names(EVERYONE)).hide(text)
    assert hidden == by_expression(text, own.name)


def test_a_name_is_found_without_the_blanks_of_its_registry() -> None:
    own, other = (Municipality("00000001", " Au ", ""), Municipality("00000002", " Zell ", ""))
    hide = Neighbours(own, Names([own, other])).hide
    assert hide("Au, Zell und Zella") == f"Au, {SOMEONE_ELSE} und Zella"
