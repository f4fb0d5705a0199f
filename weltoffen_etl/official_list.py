"""The official list of municipalities (Destatis, GV-ISys), as its operator downloads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SHEET = "Onlineprodukt_Gemeinden"
_KREIS, _GEMEINDE = "40", "60"
_FIELDS = ("record", "text", "land", "rb", "kreis", "vb", "gem", "name")
_FEWEST = 10_000
"""Germany has about 10,750 municipalities; a list of fewer is a part of it."""


class OfficialListError(ValueError):
    """The file is not the official list in the form that is known."""


def read_official_list(file: Path) -> pd.DataFrame:
    """Reads the workbook *Gemeinden in Deutschland … (Auszug aus dem GV-ISys)*.

    Args:
        file: ``AuszugGV4Q….xlsx`` of a quarter.

    Returns:
        Columns ``ags`` (8 digits, 5 for a Kreis) and ``name``, in the order of the list.

    Raises:
        OfficialListError: no such sheet, other columns, or far too few municipalities.
    """
    import pandas as pd

    try:
        with pd.ExcelFile(file, engine="calamine") as book:
            sheet = next((x for x in book.sheet_names if str(x).startswith(_SHEET)), None)
            if sheet is None:
                raise OfficialListError(f"{file.name}: Das Blatt „{_SHEET}…“ fehlt.")
            raw = pd.read_excel(book, sheet_name=sheet, header=None, dtype=str)
    except OfficialListError:
        raise
    except Exception as error:  # the parser's errors have no common class
        raise OfficialListError(f"{file.name} lässt sich nicht als Arbeitsmappe lesen.") from error
    if raw.shape[1] < len(_FIELDS):
        raise OfficialListError(f"{file.name}: Die Tabelle hat zu wenige Spalten.")
    rows = raw.iloc[:, : len(_FIELDS)].set_axis(list(_FIELDS), axis=1)
    rows = rows[rows["record"].isin([_KREIS, _GEMEINDE]) & rows["name"].notna()]
    ags = rows["land"] + rows["rb"] + rows["kreis"]
    ags = ags.where(rows["record"] == _KREIS, ags + rows["gem"])
    listed = pd.DataFrame({"ags": ags, "name": rows["name"]}).reset_index(drop=True)
    whole = listed["ags"].str.fullmatch(r"\d{8}|\d{5}", na=False)
    if not whole.all() or (listed["ags"].str.len() == 8).sum() < _FEWEST:
        raise OfficialListError(f"{file.name} ist nicht die Liste aller Gemeinden.")
    return listed
