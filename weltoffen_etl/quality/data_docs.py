"""Data Docs of Great Expectations for the team's own eyes: which expectation held on which table.

Not part of a release. The pages are made inert before anybody can open them, and results
carry counts only.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.quality.inert_page import inert, page
from weltoffen_etl.quality.rules import Rule, rules_of
from weltoffen_etl.quality.suites import build_suite, raised, site_context
from weltoffen_etl.settings import Settings

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )

# Counts without values, also without positions.
_RESULT_FORMAT: dict[str, Any] = {
    "result_format": "BASIC",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


class DataDocsError(RuntimeError):
    """The pages could not be built completely; the German sentence says why."""


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Outcome of one table's suite.

    Attributes:
        table: full table name, which is the name of the suite.
        rows: rows of the table.
        expectations: number of expectations.
        failed: how many did not hold.
    """

    table: str
    rows: int
    expectations: int
    failed: int


def build_data_docs(settings: Settings, out: Path) -> list[SuiteResult]:
    """Validates every table of the internal warehouse and writes the pages.

    Args:
        settings: where the internal warehouse is; it is only read.
        out: folder for the pages; must not exist or be empty, and not lie in the releases.

    Returns:
        One result per table, in build order.

    Raises:
        DataDocsError: there is no warehouse, the folder will not do, an expectation could
            not be evaluated, or a page is missing.
    """
    out = out.resolve()
    if out.is_relative_to(settings.releases.resolve()):
        raise DataDocsError("Data Docs sind nur für den internen Gebrauch, nicht für releases/.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataDocsError(f"Der Ordner {out} ist nicht leer.")
    if not settings.warehouse_file.is_file():
        raise DataDocsError("Es gibt noch kein Warehouse. Bitte erst `weltoffen run`.")
    with tempfile.TemporaryDirectory(prefix="weltoffen-docs-") as scratch:
        raw = Path(scratch) / "raw"
        context = site_context(raw)
        with connect(settings, settings.warehouse_file, read_only=True) as connection:
            results = [
                _validate(context, connection, described)
                for described in tables().values()
                if described.schema_name != "meta"
            ]
        context.build_data_docs()
        made = Path(scratch) / "made"
        _rewrite(raw, made, results)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, out, dirs_exist_ok=True)
    return results


def _validate(
    context: EphemeralDataContext, connection: Connection, described: Table
) -> SuiteResult:
    """Validates all rows of one table, with names of columns from the description only."""
    import great_expectations as gx

    name = described.full_name
    rules = rules_of(described, connection)
    columns = list(dict.fromkeys(rule.column for rule in rules)) or list(described.key)
    selected = ", ".join(f'"{column}"' for column in columns)
    frame = connection.execute(f"SELECT {selected} FROM {name}").df()
    if frame.empty:
        # A share of no rows is no number.
        rules = [rule for rule in rules if not rule.of_all_rows]
    suite = context.suites.add(build_suite(name, rules, columns, described.min_rows))
    source: Any = context.data_sources.get("tables")
    asset = source.add_dataframe_asset(name)
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=name, data=asset.add_batch_definition_whole_dataframe("whole"), suite=suite
        )
    )
    result = definition.run(batch_parameters={"dataframe": frame}, result_format=_RESULT_FORMAT)
    failed = 0
    for entry in result.results:
        if raised(entry.exception_info):
            raise DataDocsError(f"{name}: Eine Erwartung konnte nicht geprüft werden.")
        failed += not entry.success
    _complete(name, len(result.results), rules)
    return SuiteResult(name, len(frame), len(result.results), failed)


def _complete(name: str, evaluated: int, rules: Sequence[Rule]) -> None:
    expected = len(rules) + 2
    if evaluated != expected:
        raise DataDocsError(f"{name}: {evaluated} von {expected} Erwartungen geprüft.")


def _rewrite(raw: Path, made: Path, results: Sequence[SuiteResult]) -> None:
    """Writes every page again, inert, with an index of ours, and counts them."""
    made.mkdir()
    links: dict[tuple[str, str], str] = {}
    for source in sorted(raw.rglob("*.html")):
        relative = source.relative_to(raw)
        if relative.parts[0] not in ("expectations", "validations"):
            continue
        suite = _suite_of(relative)
        links[(relative.parts[0], suite)] = relative.as_posix()
        target = made / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(inert(suite, source.read_text(encoding="utf-8")), encoding="utf-8")
    missing = [
        f"{kind} {result.table}"
        for result in results
        for kind in ("expectations", "validations")
        if (kind, result.table) not in links
    ]
    if missing or len(links) != 2 * len(results):
        raise DataDocsError(f"Es fehlen Seiten: {', '.join(missing) or 'oder es sind zu viele'}.")
    (made / "index.html").write_text(page("Data Docs", _index(results, links)), encoding="utf-8")
    pages = len(list(made.rglob("*.html")))
    if pages != 2 * len(results) + 1:
        raise DataDocsError(f"{pages} von {2 * len(results) + 1} Seiten geschrieben.")


def _suite_of(relative: Path) -> str:
    """Suite of a page: ``expectations/core/answer.html``, ``validations/core/answer/…``."""
    _, schema, table, *_ = relative.with_suffix("").parts
    return f"{schema}.{table}"


def _index(results: Sequence[SuiteResult], links: dict[tuple[str, str], str]) -> str:
    rows = "".join(
        f"<tr><td>{escape(x.table)}</td><td>{x.rows:,}</td><td>{x.expectations}</td>"
        f"<td>{x.failed or ('alle erfüllt' if x.rows else 'leer: nichts zu prüfen')}</td>"
        f'<td><a href="{links[("validations", x.table)]}">Ergebnis</a></td>'
        f'<td><a href="{links[("expectations", x.table)]}">Erwartungen</a></td></tr>\n'
        for x in results
    ).replace(",", ".")
    return (
        "<h1>Data Docs</h1>\n<p>Nur für den internen Gebrauch. Jede Zeile ist eine Tabelle des "
        "internen Warehouse.</p>\n<table>\n<thead><tr><th>Tabelle</th><th>Zeilen</th>"
        "<th>Erwartungen</th><th>nicht erfüllt</th><th></th><th></th></tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>"
    )
