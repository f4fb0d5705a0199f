"""Who is written to: the list of contacts, which lies outside Git, and what is wrong with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

# Narrower than the standard on purpose: no blanks, quotes, commas, control characters.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_MAX_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Contacts:
    """Addresses by municipality.

    Attributes:
        addresses: one or several for each AGS, in the order of the file.
        problems: German sentences about rows that could not be used.
    """

    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def is_address(text: str) -> bool:
    """Tells whether a text is one plain e-mail address that can stand in a header."""
    return len(text) <= _MAX_ADDRESS and _ADDRESS.fullmatch(text) is not None


def read_contacts(file: Path, municipalities: Collection[str]) -> Contacts:
    """Reads the list of contacts.

    Args:
        file: CSV with the columns ``ags`` and ``email``, comma or semicolon, UTF-8.
        municipalities: registered AGS.

    Returns:
        All usable contacts; whatever is wrong is said, without repeating the address.
    """
    if not file.is_file():
        return Contacts()
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return Contacts(
            problems=("Die Kontaktliste ist nicht lesbar. Bitte als CSV in UTF-8 speichern.",)
        )
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    addresses: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        names = [str(name).strip().lower() for name in reader.fieldnames or ()]
        if not {"ags", "email"} <= set(names):
            return Contacts(
                problems=("Der Kontaktliste fehlen die Spaltenüberschriften „ags“ und „email“.",)
            )
        reader.fieldnames = names
        for row in reader:
            ags = str(row["ags"] or "").strip()
            address = str(row["email"] or "").strip()
            if problem := _problem(ags, address, municipalities, extra=None in row):
                problems.append(f"Kontaktliste, Zeile {reader.line_num}: {problem}")
            elif address not in addresses.get(ags, ()):
                addresses[ags] = (*addresses.get(ags, ()), address)
    except csv.Error:
        problems.append(
            "Die Kontaktliste ist ab einer Zeile keine CSV-Datei mehr. Bitte die "
            "Anführungszeichen prüfen."
        )
    return Contacts(addresses, tuple(problems))


def _problem(ags: str, address: str, municipalities: Collection[str], *, extra: bool) -> str | None:
    if extra:
        return "Die Zeile hat zu viele Spalten. Bitte je Adresse eine eigene Zeile schreiben."
    if ags not in municipalities:
        return (
            "Der Gemeindeschlüssel steht nicht im Teilnehmerverzeichnis. Bitte prüfen, ob eine "
            "führende Null fehlt."
        )
    if not address:
        return f"Für {ags} fehlt die E-Mail-Adresse."
    if not is_address(address):
        return f"Die E-Mail-Adresse für {ags} ist nicht gültig."
    return None
