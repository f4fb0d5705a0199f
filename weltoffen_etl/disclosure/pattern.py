"""Which cells of a release are withheld: component by component, in view of all releases before."""

from __future__ import annotations

import logging

import pandas as pd

from weltoffen_etl.database import Connection
from weltoffen_etl.disclosure.complementary import Pattern, protect
from weltoffen_etl.disclosure.frames import give_frame
from weltoffen_etl.disclosure.history import History, Key
from weltoffen_etl.disclosure.ledger import (
    ANSWERS,
    CELL,
    COMPONENT,
    REASONS,
    Component,
    Ledger,
    components,
    of_component,
)
from weltoffen_etl.disclosure.secrets import small_cells

_LOGGER = logging.getLogger(__name__)


def withhold(connection: Connection, seen: Ledger, least: int, municipalities: int) -> Ledger:
    """Finds the cells to withhold, as ``loaded_suppression``, and what outsiders know then.

    Args:
        connection: database with ``disclosure.cell`` and ``disclosure.relation``.
        seen: what earlier releases showed.
        least: least number of people behind a figure.
        municipalities: least number of municipalities in a group.

    Returns:
        The ledger with this release in it.
    """
    withheld: list[tuple[object, ...]] = []
    parts: list[Ledger] = []
    # One component at a time: millions of cells need not be in memory together.
    for component in components(connection, "disclosure.cell", seen.state):
        history = History.of(
            *(of_component(x, component) for x in (seen.state, seen.sum, seen.change))
        )
        cells, relations = _published(connection, component, municipalities)
        now = history.add(cells, relations, least)
        hidden = _hidden(history, now, least)
        if hidden.left_over:
            # Nothing new is given away, since all that is new is withheld; but somebody should know.
            _LOGGER.warning(
                "%s %s: %d Angaben lassen sich aus früheren Ständen errechnen; alles Neue dazu ist "
                "zurückgehalten.",
                *component,
                len(hidden.left_over),
            )
        withheld += [
            (*component, *key, bool(hidden.is_primary[state]))
            for key, state in now.items()
            if hidden.is_hidden[state]
        ]
        for state in now.values():
            history.known[state] = history.known[state] or not hidden.is_hidden[state]
        parts.append(_entries(history, component))
    columns = [*COMPONENT, *CELL]
    give_frame(
        connection,
        "loaded_suppression",
        pd.DataFrame(withheld, columns=[*columns, "is_primary"]),
        {**dict.fromkeys(columns, "VARCHAR"), "is_primary": "BOOLEAN"},
    )
    return _together(parts, seen)


def _hidden(history: History, now: dict[Key, int], least: int) -> Pattern:
    tables = history.tables(now)
    secrets = [*small_cells(tables, least), *history.changes]
    ordered = sorted(secrets, key=lambda x: (x.state, -1 if x.minus is None else x.minus))
    return protect(tables, ordered, least)


def _published(
    connection: Connection, component: Component, municipalities: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reads the cells of a component, with whether each may be shown at all, and their sums."""
    wave, action_field = component
    asked = {"wave": wave, "action_field": action_field}
    cells = connection.execute(
        "SELECT *, unit_kind = 'municipality' OR n_municipalities >= $municipalities AS is_open "
        "FROM disclosure.cell WHERE wave = $wave AND action_field = $action_field ORDER BY ALL",
        {"municipalities": municipalities, **asked},
    ).df()
    relations = connection.execute(
        "FROM disclosure.relation WHERE wave = $wave AND action_field = $action_field ORDER BY ALL",
        asked,
    ).df()
    return cells, relations


def _entries(history: History, component: Component) -> Ledger:
    """Writes a component down for the next release."""
    latest = set(history.latest.values())
    keys = pd.DataFrame(history.keys, columns=CELL)
    counts = pd.DataFrame(history.counts, columns=[*ANSWERS, *REASONS])
    state = pd.concat([keys, counts], axis=1).assign(
        state=range(len(keys)),
        n_respondents=history.persons,
        is_known=history.known,
        is_latest=[number in latest for number in range(len(keys))],
    )
    # A sum all of whose members are known tells nothing that is not known.
    telling = [
        x
        for x in sorted(history.sums, key=lambda x: (x.total, x.parts))
        if not all(history.known[member] for member in (x.total, *x.parts))
    ]
    members = [
        (number, member, member == entry.total)
        for number, entry in enumerate(telling)
        for member in (entry.total, *entry.parts)
    ]
    changes = sorted((x.state, x.minus) for x in history.changes)
    found = Ledger(
        state,
        pd.DataFrame(members, columns=["sum", "state", "is_total"]),
        pd.DataFrame(changes, columns=["state", "minus"]),
    )
    for frame in (found.state, found.sum, found.change):
        frame.insert(0, "wave", component[0])
        frame.insert(1, "action_field", component[1])
    return found


def _together(parts: list[Ledger], empty: Ledger) -> Ledger:
    whole = parts or [empty]
    return Ledger(
        pd.concat([part.state for part in whole], ignore_index=True),
        pd.concat([part.sum for part in whole], ignore_index=True),
        pd.concat([part.change for part in whole], ignore_index=True),
    )
