"""The list of all rules for people: at a terminal, as JSON, as a Markdown page."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from gettext import gettext as _
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from weltoffen_etl.catalog import ACTIONS, TOPICS
from weltoffen_etl.language import noted
from weltoffen_etl.quality.rulebook import RuleEntry, rulebook

SEVERITIES = {
    "critical": ("red", noted("hält zurück")),
    "warning": ("yellow", noted("lässt durch, bitte ansehen")),
    "info": ("cyan", noted("zur Kenntnis")),
}
"""Colour and German words of each severity, the gravest first."""
_MET_BY_PEOPLE = frozenset({"general", "value"})
_PLACEHOLDER = re.compile(r"„?\{[a-z_]+\}“?")
_WIDTH = 120
_ID_WIDTH = 31
_INTRO = noted(
    "Jede gelieferte Datei wird nach diesen Regeln geprüft. „…“ steht für das, was in der Datei "
    "gefunden wurde. Was eine Regel zurückhält, kommt nicht in die Auswertung, bis es berichtigt "
    "ist; alles andere wird übernommen."
)


def select(*, everything: bool = False, topic: str | None = None) -> list[RuleEntry]:
    """Returns rules by topic, the gravest first.

    Args:
        everything: also the rules about our own tables and builds.
        topic: key or German name of a topic; None for all.

    Returns:
        Rules in the order in which they are shown.

    Raises:
        ValueError: there is no such topic, or no rule of it among those asked for.
    """
    wanted = None if topic is None else _topic(topic)
    entries = [
        entry
        for entry in rulebook()
        if (everything or entry.scope in _MET_BY_PEOPLE) and wanted in (None, entry.text.topic)
    ]
    if not entries:
        raise ValueError("Zu diesem Thema gibt es nur Regeln der Software; sie zeigt --all.")
    topics, severities = list(TOPICS), list(SEVERITIES)
    return sorted(
        entries, key=lambda x: (topics.index(x.text.topic), severities.index(x.text.severity))
    )


def wording(entry: RuleEntry) -> str:
    """Returns a rule's sentence with „…“ for what only a file can say."""
    says = entry.text.says
    if entry.scope == "table" and entry.column is not None:
        says = says.replace("{column}", entry.column)
    return _PLACEHOLDER.sub("„…“", says)


def show_rules(entries: Sequence[RuleEntry]) -> None:
    """Prints rules as one table a topic."""
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(_(_INTRO))
    for label, group in _by_topic(entries):
        table = Table(
            title=f"{label} ({len(group)})",
            title_justify="left",
            title_style="bold",
            show_lines=True,
            expand=True,
        )
        table.add_column(_("Regel und Folge"), min_width=_ID_WIDTH, overflow="fold")
        table.add_column(_("Meldung"), ratio=6, overflow="fold")
        table.add_column(_("Aufforderung"), ratio=3, overflow="fold")
        for entry in group:
            colour, consequence = SEVERITIES[entry.text.severity]
            table.add_row(
                Text(entry.text.id) + Text("\n" + _(consequence), style=colour),
                wording(entry),
                ACTIONS[entry.text.action],
            )
        console.print()
        console.print(table)
    console.print("\n" + _("{n} Regeln").format(n=len(entries)))


def as_json(entries: Sequence[RuleEntry]) -> list[dict[str, Any]]:
    """Returns rules as JSON-ready values."""
    return [
        {
            "rule": entry.text.id,
            "scope": entry.scope,
            "topic": entry.text.topic,
            "topic_de": TOPICS[entry.text.topic],
            "severity": entry.text.severity,
            "action": entry.text.action,
            "action_de": ACTIONS[entry.text.action],
            "says": wording(entry),
            "table": entry.table,
            "column": entry.column,
        }
        for entry in entries
    ]


def as_markdown(entries: Sequence[RuleEntry]) -> str:
    """Returns rules as a Markdown page with one table a topic."""
    lines = ["# Regeln der Prüfung", "", _INTRO]
    for label, group in _by_topic(entries):
        lines += ["", f"## {label}", ""]
        lines += ["| Regel | Folge | Meldung | Aufforderung |", "| --- | --- | --- | --- |"]
        for entry in group:
            cells = (
                f"`{entry.text.id}`",
                SEVERITIES[entry.text.severity][1],
                _plain(wording(entry)),
                ACTIONS[entry.text.action],
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _by_topic(entries: Sequence[RuleEntry]) -> Iterator[tuple[str, list[RuleEntry]]]:
    for topic, group in groupby(entries, key=lambda entry: entry.text.topic):
        yield TOPICS[topic], list(group)


def _topic(name: str) -> str:
    for topic, label in TOPICS.items():
        if name.casefold() in (topic, label.casefold()):
            return topic
    known = ", ".join(f"{topic} ({label})" for topic, label in TOPICS.items())
    raise ValueError(f"Das Thema „{name}“ gibt es nicht. Bekannt sind: {known}.")


def _plain(text: str) -> str:
    """A text in which Markdown finds no table, tag or emphasis."""
    return re.sub(r"([|<>*_`\\])", r"\\\1", text)
