"""What every table and column is: read from the ``.yml`` beside each SQL file.

Said once, used everywhere: the schema, the Great Expectations suites, the comments in
DuckDB, the column schema in Dagster and the data dictionary all derive from it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from weltoffen_etl.settings import SQL_DIR
from weltoffen_etl.text_yaml import load_values

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""How grave a finding is, the gravest first."""
TOPICS = {
    "place": "Ablage",
    "file": "Datei",
    "table": "Aufbau der Tabelle",
    "key": "Kommune und Welle",
    "response": "Antwortbögen",
    "answer": "Antworten",
    "text": "Freitexte",
    "workshop": "Workshop",
    "delivery": "Lieferungen und Termine",
    "correction": "Berichtigungen",
    "register": "Verzeichnisse",
    "integrity": "Innere Ordnung",
}
"""Groups of rules: what a rule is about, with its German name."""

ACTIONS = {
    "deliver": "Bitte die Datei senden",
    "move": "Bitte in den richtigen Ordner legen",
    "export": "Bitte den Export wiederholen und neu senden",
    "edit": "Bitte Angaben berichtigen und neu senden",
    "ask": "Bitte mit dem Projektteam klären",
    "look": "Bitte ansehen, ob es stimmt",
    "none": "Zur Kenntnis: Es ist nichts zu tun",
    "repair": "Für das Projektteam: Software oder Verzeichnis in Ordnung bringen",
}
"""What a person does about a finding, with its German heading, most pressing first."""
SCHEMAS = ("reference", "raw", "core", "shown", "quality", "disclosure", "comparison", "meta")
"""Schemas in the order in which they are built."""


class CatalogError(ValueError):
    """A table is described badly or not at all."""


class RuleText(BaseModel):
    """How one rule of a column speaks when it is broken.

    Attributes:
        id: short name, unique in the project.
        severity: ``critical`` quarantines the row, ``warning`` and ``info`` load it.
        topic: group of rules, a key of `TOPICS`.
        action: what to do about it, a key of `ACTIONS`.
        says: German sentence; ``{value}`` and ``{column}`` are filled in.
        shows: column whose content is shown as the value, default the column itself.
        source: role of the file column that is named, for findings in files.
        source_from: column that holds this role, where it is not always the same.
        open: form that a value must have to be shown outside the internal warehouse;
            without it no value is, since a cell can hold anything, also a name.
        own_words: the sentence's other words are ours; false, or words that are not
            listed: they come from the file and are shown outside only in the form ``open``.
        about_person: how one person filled in the form; outside, such findings are
            counted and not located.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    severity: Severity = "critical"
    topic: str = "integrity"
    action: str = "repair"
    says: str
    shows: str | None = None
    source: str | None = None
    source_from: str | None = None
    open: str | None = None
    own_words: bool | tuple[str, ...] = True
    about_person: bool = False

    @field_validator("topic")
    @classmethod
    def _known_topic(cls, topic: str) -> str:
        if topic not in TOPICS:
            raise ValueError(f"Die Regelgruppe „{topic}“ gibt es nicht.")
        return topic

    @field_validator("action")
    @classmethod
    def _known_action(cls, action: str) -> str:
        if action not in ACTIONS:
            raise ValueError(f"Die Aufforderung „{action}“ gibt es nicht.")
        return action


class Column(BaseModel):
    """One column of a table.

    Attributes:
        name: column name.
        type: DuckDB type.
        description: German text for the dictionary, with unit and null meaning.
        unit: unit or scale of the values, if any.
        nullable: whether the column may be empty.
        allowed: the allowed values, or ``reference.<table>.<column>``.
        min: smallest allowed value.
        max: largest allowed value.
        pattern: regular expression the whole value must match.
        min_filled: least share of rows that have a value, for nullable columns of tables we
            build: rules about values say nothing of a column that is wholly empty.
        must_be_null: the column holds evidence of a defect and must be empty.
        publish: whether the column may leave the internal warehouse.
        is_taken_over: described by ``include`` and the same there, where its rules are checked.
        protected: the value is withheld where too few respondents stand behind it.
        rules: sentences by kind of rule (``not_null``, ``allowed``, ``range``,
            ``pattern``, ``null``, ``filled``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: str
    description: str
    unit: str | None = None
    nullable: bool = True
    allowed: tuple[str | int, ...] | str | None = None
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    min_filled: Annotated[float, Field(gt=0, le=1)] | None = None
    must_be_null: bool = False
    publish: bool = True
    protected: bool = False
    is_taken_over: bool = False
    rules: dict[Literal["not_null", "allowed", "range", "pattern", "null", "filled"], RuleText] = {}


class Table(BaseModel):
    """One table: what a row is, its key and its columns.

    Attributes:
        schema_name: schema, which is the folder of the SQL file.
        name: table name, which is the name of the SQL file.
        label_de: German title.
        description: what one row is, in German.
        key: columns that identify a row and order the published table.
        publish: whether the table is part of a release.
        only_if: setting that must be on for the table to be part of a release.
        partners: whether a published table is also part of a municipality's own database;
            not where it only says something across all municipalities.
        min_rows: fewest rows that a build may have.
        respondents: column with the number of respondents behind a row, needed where a
            column is protected.
        key_checked_by: statement in ``sql/checks`` that shows the key to hold, of a table that is
            too large for a look at each of its keys.
        columns: all columns in order.

    A file may describe its last columns with ``include: <schema>.<table>``: all columns of a
    table of this or an earlier schema but its key, those listed under ``without``, and those that the
    file describes itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_name: str
    name: str
    label_de: str
    description: str
    key: tuple[str, ...]
    publish: bool = False
    only_if: str | None = None
    partners: bool = True
    min_rows: int = 0
    respondents: str | None = None
    key_checked_by: str | None = None
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        """Schema and table name, as SQL writes it."""
        return f"{self.schema_name}.{self.name}"

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """Columns that a release shows."""
        return tuple(column for column in self.columns if column.publish)


@cache
def tables(sql_dir: Path = SQL_DIR) -> dict[str, Table]:
    """Returns every described table by its full name, in build order of the schemas.

    Raises:
        CatalogError: a SQL file has no description or the other way round.
    """
    found: dict[str, Table] = {}
    for schema in SCHEMAS:
        for path in sorted((sql_dir / schema).glob("*.yml")):
            table = _read(path, schema)
            found[table.full_name] = table
        for path in sorted((sql_dir / schema).glob("*.sql")):
            if f"{schema}.{path.stem}" not in found:
                raise CatalogError(f"sql/{schema}/{path.name} hat keine Beschreibung (.yml).")
    return found


def table(full_name: str) -> Table:
    """Returns one table by its full name.

    Raises:
        CatalogError: the table is not described.
    """
    try:
        return tables()[full_name]
    except KeyError as error:
        raise CatalogError(f"Die Tabelle {full_name} ist nicht beschrieben.") from error


def _read(path: Path, schema: str) -> Table:
    try:
        content = load_values(path.read_text(encoding="utf-8"))
        if "include" in content or "without" in content:
            content = _with_included(content, path.parent.parent, schema)
        table = Table(schema_name=schema, name=path.stem, **content)
    except (OSError, ValueError, TypeError) as error:
        raise CatalogError(f"{path.name} in sql/{schema}: {error}") from error
    names = [column.name for column in table.columns]
    if len(set(names)) != len(names):
        raise CatalogError(f"{table.full_name} nennt eine Spalte zweimal.")
    if missing := set(table.key) - set(names):
        raise CatalogError(f"{table.full_name}: Schlüsselspalte {missing} ist nicht beschrieben.")
    if any(not re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
        raise CatalogError(f"{table.full_name}: Spaltennamen sind klein und ohne Sonderzeichen.")
    if any(column.protected for column in table.columns) and table.respondents not in names:
        raise CatalogError(f"{table.full_name}: geschützte Spalten brauchen respondents.")
    for column in table.columns:
        if column.min_filled is not None and (schema == "raw" or not column.nullable):
            # Rows of files are judged one by one; a share is no property of any of them.
            raise CatalogError(
                f"{table.full_name}.{column.name}: min_filled gilt nur für Spalten gebauter "
                "Tabellen, die leer sein dürfen."
            )
    return table


def _with_included(content: dict[str, Any], sql_dir: Path, schema: str) -> dict[str, Any]:
    """Returns a description with the columns it includes from another table.

    Raises:
        ValueError: the table does not stand in an earlier schema, or lacks a column left out.
    """
    included = str(content.get("include"))
    source, _, name = included.partition(".")
    if source not in SCHEMAS[: SCHEMAS.index(schema) + 1]:
        raise ValueError(
            f"include: {included} ist keine Tabelle dieses oder eines früheren Schemas."
        )
    path = sql_dir / source / f"{name}.yml"
    if source == schema and "include" in load_values(path.read_text(encoding="utf-8")):
        raise ValueError(f"include: {included} steht im selben Schema und nimmt selbst auf.")
    found = _read(path, source)
    without = set(content.get("without", ()))
    offered = {column.name: column for column in found.columns if column.name not in found.key}
    if unknown := without - offered.keys():
        raise ValueError(f"without: {', '.join(sorted(unknown))} steht nicht in {included}.")
    own = content.get("columns", [])
    omitted = without | {column.get("name") for column in own}
    rest = {key: value for key, value in content.items() if key not in ("include", "without")}
    # How many rows have a value is a property of the rows, which are others here.
    changed = {"min_filled": None, "is_taken_over": True}
    more = (x.model_copy(update=changed) for x in offered.values())
    return rest | {"columns": [*own, *(x for x in more if x.name not in omitted)]}
