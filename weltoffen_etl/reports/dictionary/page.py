"""Writes the data dictionary: a page for the browser and Markdown, with the same content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weltoffen_etl.catalog import Table
from weltoffen_etl.reports.dictionary.entries import ColumnEntry, TableEntry, anchor, sections
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.reports.pages.markdown import escaped
from weltoffen_etl.reports.usage import usage


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and below the dictionary: title, licence and citation of the release."""

    title: str
    licence: str
    citation: str


def dictionary_page(
    tables: Sequence[tuple[Table, int]],
    heading: Heading,
    manifest: Mapping[str, Any],
    *,
    has_site: bool,
) -> str:
    """Returns the dictionary as a self-contained page.

    Args:
        tables: tables and their number of rows, in order.
        heading: title, licence and citation.
        manifest: the release's manifest.
        has_site: whether the comparison report lies beside it.
    """
    rules, words = usage(manifest)
    return render(
        "dictionary/dictionary.html.j2",
        heading=heading,
        release=manifest["release"],
        published=german.local(datetime.fromisoformat(manifest["published_at"])),
        rules=rules,
        words=words,
        sections=sections(tables),
        is_synthetic=manifest["contains_synthetic_data"],
        has_site=has_site,
        anchor_of=_anchor_of,
    )


def dictionary_markdown(
    tables: Sequence[tuple[Table, int]], heading: Heading, manifest: Mapping[str, Any]
) -> str:
    """Returns the dictionary as Markdown, as GitHub shows it.

    Args:
        tables: tables and their number of rows, in order.
        heading: title, licence and citation.
        manifest: the release's manifest.
    """
    return "\n".join(_lines(tables, heading, manifest)) + "\n"


def _lines(
    tables: Sequence[tuple[Table, int]], heading: Heading, manifest: Mapping[str, Any]
) -> Iterator[str]:
    published = german.moment(datetime.fromisoformat(manifest["published_at"]))
    rules, words = usage(manifest)
    found = sections(tables)
    yield "# Datenwörterbuch"
    yield ""
    yield f"{escaped(heading.title)}. Stand {escaped(manifest['release'])}, veröffentlicht am {published}."
    yield ""
    yield "## Gebrauch und Grenzen"
    yield ""
    for rule in rules:
        yield f"- **{escaped(rule.title)}.** {escaped(rule.text)}"
    yield ""
    yield "### Warum Werte fehlen"
    yield ""
    yield "| withheld\\_because | heißt | |"
    yield "|---|---|---|"
    for word in words:
        yield f"| `{word.word}` | {escaped(word.label)} | {escaped(word.text)} |"
    yield ""
    yield "## Inhalt"
    for section in found:
        yield ""
        yield f"**{escaped(section.label)}** (`{section.schema}`)"
        yield ""
        for table in section.tables:
            yield f"- [{escaped(table.name)}](#{table.anchor}): {escaped(table.label)}"
    for section in found:
        yield ""
        yield f"## {escaped(section.label)}"
        for table in section.tables:
            yield from _table_lines(table)
    yield ""
    yield "## Lizenz und Zitat"
    yield ""
    yield escaped(heading.licence)
    yield ""
    yield f"> {escaped(heading.citation)}"


def _table_lines(table: TableEntry) -> Iterator[str]:
    yield ""
    yield f'<a id="{table.anchor}"></a>'
    yield ""
    yield f"### {escaped(table.name)}: {escaped(table.label)}"
    yield ""
    yield escaped(table.description)
    yield ""
    key = ", ".join(f"`{name}`" for name in table.key)
    yield f"Zeilen: {german.whole(table.rows)}. Schlüssel: {key}."
    if table.withheld:
        yield ""
        yield escaped(table.withheld)
    yield ""
    yield "| Spalte | Typ | Einheit | Bedeutung | Werte | Leer heißt |"
    yield "|---|---|---|---|---|---|"
    for column in table.columns:
        yield (
            f"| `{column.name}` | {escaped(column.type)} | {escaped(column.unit)} | "
            f"{escaped(column.meaning)} | {_values(column)} | {escaped(column.empty)} |"
        )


def _values(column: ColumnEntry) -> str:
    if column.refers_to:
        return f"siehe [{escaped(column.refers_to)}](#{_anchor_of(column.refers_to)})"
    return escaped(", ".join(column.allowed))


def _anchor_of(column: str) -> str:
    """The place of the table of ``schema.table.column``."""
    return anchor(column.rpartition(".")[0])
