"""The catalogues of the terminal's two languages: what belongs into them, and how they are made.

After a text changed: ``uv run python -m tests.command.catalogue`` brings both ``.po`` up to date,
tells what lacks a translation, and compiles the ``.mo``. Both are in Git: an installation needs
no compiler, and a test compares them.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from weltoffen_etl.cli import main
from weltoffen_etl.commands.tree import texts, walk
from weltoffen_etl.language import DOMAIN, LOCALE, Language
from weltoffen_etl.settings import PROJECT_ROOT

LANGUAGES: tuple[Language, ...] = ("de", "en")
_UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
_SAID_BY_A_VARIABLE = "required"
Message = str | tuple[str, ...]


def sources(language: Language) -> set[Message]:
    """Returns what a language must translate: of our texts into English, of click's into German."""
    if language == "de":
        return (
            set(_extracted(Path(click.__file__).parent))
            | {text for _holder, text in help_texts() if is_clicks_own(text)}
            | {_SAID_BY_A_VARIABLE}
        )
    ours = set(_extracted(PROJECT_ROOT / "weltoffen_etl")) | {
        text for _holder, text in help_texts() if not is_clicks_own(text)
    }
    return ours - set(_extracted(Path(click.__file__).parent))


def help_texts() -> Iterator[tuple[str, str]]:
    """Yields where a text of the help stands, and the text."""
    for command in walk(main):
        for _holder, name, text in texts(command):
            yield f"{command.name}.{name}", text


def is_clicks_own(text: str) -> bool:
    """Says whether a text of the help is click's default for it."""
    return text in ("[OPTIONS]", "COMMAND [ARGS]...", "file", "directory", "path")


def po_file(language: Language) -> Path:
    """Returns where the source of a catalogue stands."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: Language) -> Catalog:
    """Reads the source of a catalogue."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def compiled(language: Language) -> bytes:
    """Returns the compiled form of a catalogue's source."""
    target = io.BytesIO()
    write_mo(target, read(language))
    return target.getvalue()


def _extracted(folder: Path) -> Iterator[Message]:
    """Yields the constant texts that a package's calls of ``_`` and the like name."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = [x.value for x in node.args if isinstance(x, ast.Constant)]
            said = [text for text in given if isinstance(text, str)]
            if node.func.id in ("_", "noted") and len(said) == 1:
                yield said[0]
            elif node.func.id == "ngettext" and len(said) == 2:
                yield tuple(said)


def _update(language: Language) -> list[Message]:
    """Brings a catalogue up to date and returns what is not translated."""
    before = read(language) if po_file(language).exists() else Catalog(locale=language)
    after = Catalog(
        locale=language,
        domain=DOMAIN,
        project="weltoffen-etl",
        header_comment="# Die Sprache des Terminals; siehe weltoffen_etl/language.py.",
        creation_date=_UNDATED,
        revision_date=_UNDATED,
        fuzzy=False,
    )
    open_messages: list[Message] = []
    for source in sorted(sources(language), key=str):
        known = before.get(source[0] if isinstance(source, tuple) else source)
        translated = known.string if known is not None else ""
        after.add(source, translated)
        if not all(translated if isinstance(translated, tuple) else [translated]):
            open_messages.append(source)
    with po_file(language).open("wb") as file:
        write_po(file, after, width=100, no_location=True)
    po_file(language).with_suffix(".mo").write_bytes(compiled(language))
    return open_messages


if __name__ == "__main__":
    for tongue in LANGUAGES:
        for untranslated in _update(tongue):
            click.echo(f"{tongue}: {untranslated!r}")
