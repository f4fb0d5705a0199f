"""What the shell offers for an unfinished word: read from the release, silent on any error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from weltoffen_etl.settings import Settings

Suggest = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_FIELDS = "SELECT action_field, label_de FROM reference.action_field ORDER BY position"
_WAVES = "SELECT wave, label_de FROM reference.wave ORDER BY position"
_TABLES = 'SELECT "table", label_de FROM meta."table" ORDER BY rowid'
_MUNICIPALITIES = "SELECT ags, label_de FROM reference.municipality ORDER BY ags"


def municipalities(
    ctx: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offers names of municipalities, or their keys where a digit is typed."""
    rows = _quietly(lambda: _rows(ctx, _MUNICIPALITIES))
    if typed[:1].isdigit():
        return _starting(typed, rows)
    return _starting(typed, ((name, ags) for ags, name in rows))


def municipality_keys(
    ctx: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offers keys of municipalities."""
    return _starting(typed, _quietly(lambda: _rows(ctx, _MUNICIPALITIES)))


def fields(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offers codes of action fields."""
    return _starting(typed, _quietly(lambda: _rows(ctx, _FIELDS)))


def waves(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offers waves."""
    return _starting(typed, _quietly(lambda: _rows(ctx, _WAVES)))


def tables(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offers full names of tables; a name without its schema finds them too."""
    rows = _quietly(lambda: _rows(ctx, _TABLES))
    return _starting(typed, rows) or _starting(typed, rows, lambda name: name.partition(".")[2])


def releases(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offers names of releases, the newest first."""
    return _starting(typed, _quietly(lambda: _release_names(ctx)))


def _release_names(ctx: click.Context) -> list[tuple[str, str]]:
    from weltoffen_etl.warehouse.current import list_releases

    return [(release.name, "") for release in reversed(list_releases(_settings(ctx)))]


def _rows(ctx: click.Context, sql: str) -> list[tuple[str, str]]:
    from weltoffen_etl.asking.query import ask

    return [(str(name), str(label)) for name, label in ask(_settings(ctx), sql)[1]]


def _settings(ctx: click.Context) -> Settings:
    from weltoffen_etl.settings import Settings

    data_dir = ctx.params.get("data_dir")
    return Settings() if data_dir is None else Settings(data_dir=data_dir)


def _quietly(read: Callable[[], list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Reads offers; whatever goes wrong there, a shell that completes a word must not tell it."""
    try:
        return read()
    except Exception:
        return []


def _starting(
    typed: str,
    rows: Iterable[tuple[str, str]],
    word: Callable[[str], str] = lambda name: name,
) -> list[CompletionItem]:
    start = typed.casefold()
    return [
        CompletionItem(name, help=label or None)
        for name, label in rows
        if word(name).casefold().startswith(start)
    ]
