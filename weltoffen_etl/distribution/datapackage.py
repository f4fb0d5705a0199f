"""Describes files and tables by the Data Package standard, so that programs know their types and keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from weltoffen_etl.catalog import Column, Table
from weltoffen_etl.distribution.about import Edition
from weltoffen_etl.distribution.texts import LICENCE
from weltoffen_etl.versions import file_hash

FILE: Final = "datapackage.json"
NAME: Final = "weltoffene-kommune"

_PROFILES: Final = "https://datapackage.org/profiles/2.0"
_TYPES: Final = {
    "VARCHAR": "string",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}


def package(edition: Edition, resources: Sequence[Mapping[str, Any]]) -> str:
    """Returns ``datapackage.json``.

    Args:
        edition: the release.
        resources: its files, of `file_resource` and `table_resource`.
    """
    about = edition.about
    contact = {
        "title": about.contact.name,
        "email": about.contact.email,
        "roles": ["contactPerson"],
    }
    content = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": NAME,
        "title": about.title,
        "description": about.description,
        "version": edition.release,
        "created": edition.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "keywords": list(about.keywords),
        "licenses": [
            {
                "name": about.licence.name,
                "title": about.licence.title,
                "path": about.licence.path or LICENCE,
            }
        ],
        "sources": [
            {"title": f"{taken.source}, {taken.licence_name}", "path": taken.source_path}
            for taken in about.attributions
        ],
        "contributors": [
            *(
                _filled({"title": publisher.name, "path": publisher.path, "roles": ["publisher"]})
                for publisher in about.publishers
            ),
            _filled(contact),
        ],
        "resources": list(resources),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def file_resource(
    file: Path, path: str, *, name: str, title: str, form: str, mediatype: str
) -> dict[str, Any]:
    """Describes one file: where it is, its size and its hash.

    Args:
        file: the file.
        path: where it is, seen from ``datapackage.json``.
        name: short name, unique in the package.
        title: German title.
        form: format, such as ``csv``.
        mediatype: its media type.
    """
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": name,
        "path": path,
        "title": title,
        "format": form,
        "mediatype": mediatype,
        "bytes": file.stat().st_size,
        "hash": f"sha256:{file_hash(file)}",
    }


def table_resource(
    resource: Mapping[str, Any], described: Table, published: Iterable[Table]
) -> dict[str, Any]:
    """Adds to a file what the table in it is.

    Args:
        resource: the file.
        described: the table.
        published: all tables of the package, which keys may refer to.
    """
    return {
        **resource,
        "type": "table",
        "description": described.description,
        "schema": _schema(described, published),
    }


def _schema(described: Table, published: Iterable[Table]) -> dict[str, Any]:
    nullable = {column.name for column in described.columns if column.nullable}
    # A primary key is never empty by the standard; a unique key may be.
    key = "uniqueKeys" if nullable & set(described.key) else "primaryKey"
    known = {(table.full_name, column.name) for table in published for column in table.columns}
    references = []
    for column in described.columns:
        if isinstance(column.allowed, str):
            target, _, field = column.allowed.rpartition(".")
            if (target, field) in known:
                references.append(
                    {"fields": [column.name], "reference": {"resource": target, "fields": [field]}}
                )
    schema: dict[str, Any] = {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": [_field(column) for column in described.columns],
        "missingValues": [""],
        key: [list(described.key)] if key == "uniqueKeys" else list(described.key),
    }
    if references:
        schema["foreignKeys"] = references
    return schema


def _field(column: Column) -> dict[str, Any]:
    type_ = _TYPES.get(column.type, "any")
    number = int if type_ == "integer" else float
    constraints = {
        "required": None if column.nullable else True,
        "enum": list(column.allowed) if isinstance(column.allowed, tuple) else None,
        "minimum": None if column.min is None else number(column.min),
        "maximum": None if column.max is None else number(column.max),
        "pattern": column.pattern,
    }
    return _filled(
        {
            "name": column.name,
            "type": type_,
            "description": column.description,
            "unit": column.unit,
            "constraints": _filled(constraints) or None,
        }
    )


def _filled(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}
