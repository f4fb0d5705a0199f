"""Forms of export that are not among the measured files, made from those that are."""

import csv
import io
import re
import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from weltoffen_etl.instrument.model import Instrument

_TIMES = ("submitdate", "startdate", "datestamp", "datum")
_YES_NO = {"Y": "1", "N": "0"}


def _vv_1(content: bytes, _: Path, instrument: Instrument) -> bytes:
    """The older VV export: field names where the newer one has codes."""
    first, second, rest = content.split(b"\n", 2)
    names = {_plain(x.source_code): x.field_name for x in instrument.structure.columns}
    codes = second.decode().split("\t")
    return b"\n".join([first, "\t".join(names.get(x, x) for x in codes).encode(), rest])


def _sav_damaged(content: bytes, _: Path, __: Instrument) -> bytes:
    """The file as the plugin wrote it, before the record of long labels was renamed."""
    renamed = struct.pack("<iii", 7, 98, 1)
    assert content.count(renamed) == 1
    return content.replace(renamed, struct.pack("<iii", 7, 21, 1))


def _r_full(content: bytes, file: Path, _: Instrument) -> bytes:
    """R data below the full headings of the form's defaults; both have the same columns."""
    full = file.with_name("DEFAULTS_of_the_form_full_long_comma.csv").read_bytes()
    heading, end = full.split(b"\r\n", 1)[0], content.index(b"\n")
    return heading + content[end:]


def _stata(content: bytes, _: Path, instrument: Instrument) -> bytes:
    """What the Stata plugin writes: texts for letter codes, numbers for times and yes/no."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    rows = [row for row in csv.reader(text, delimiter=";") if row]
    names = [_plain(code) for code in rows[0]]
    columns = {x.source_code: x for x in instrument.structure.columns}
    labels = {
        (x.question_code, x.code): x.text["de"]
        for x in instrument.structure.answers
        if not x.code.isdigit()
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<dta>", "<header>"]
    lines += [f"<nobs>{len(rows) - 1}</nobs>", "</header>", "<descriptors>", "<varlist>"]
    lines += [f"<variable varname={quoteattr(name)}/>" for name in names]
    lines += ["</varlist>", "<fmtlist>"]
    lines += [f'<fmt varname="{name}">{"%tc" if name in _TIMES else "%9s"}</fmt>' for name in names]
    lines += ["</fmtlist>", "</descriptors>", "<data>"]
    for number, row in enumerate(rows[1:]):
        lines.append(f'<o num="{number}">')
        for code, name, cell in zip(rows[0], names, row, strict=True):
            column = columns.get(code)
            value = cell.strip()
            if name in _TIMES and value:
                moment = datetime.fromisoformat(value) - datetime(1960, 1, 1)  # noqa: DTZ001
                value = str(int(moment.total_seconds()) * 1000)
            elif column is not None and column.kind == "Y":
                value = _YES_NO.get(value, value)
            elif column is not None and column.kind in "!FR" and "[other]" not in code:
                value = labels.get((column.question_code, value), value)
            elif re.fullmatch(r"\d+,\d+", value):
                value = value.replace(",", ".")
            lines.append(f"<v varname={quoteattr(name)}>{escape(value)}</v>")
        lines.append("</o>")
    lines += ["</data>", "<value_labels/>", "</dta>"]
    # The plugin passes on what XML forbids.
    return "\n".join(lines).replace("Aus Word kopiert:", "Aus Word kopiert:\x0b").encode()


def _plain(code: str) -> str:
    """The code without brackets, as in variable names."""
    return re.sub(r"\[([^\]]*)\]", r"_\1", code)


_MAKERS: dict[str, Callable[[bytes, Path, Instrument], bytes]] = {
    "": lambda content, _, __: content,
    "vv_1": _vv_1,
    "sav_damaged": _sav_damaged,
    "r_full": _r_full,
    "stata": _stata,
}


def derive(kind: str, source: Path, target: Path, instrument: Instrument) -> None:
    """Writes a file in another form; an empty kind copies it."""
    target.write_bytes(_MAKERS[kind](source.read_bytes(), source, instrument))
