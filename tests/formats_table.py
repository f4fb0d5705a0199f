"""Reads every export of the measured survey and compares it cell for cell with the truth.

Run ``uv run python -m tests.formats_table`` to write the table into README.md.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from tests.derived_exports import derive
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.instrument.model import Instrument
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.staging import stage_deliveries, store_of
from weltoffen_etl.warehouse import build

README = PROJECT_ROOT / "README.md"
BEGIN, END = "<!-- formats:begin -->", "<!-- formats:end -->"
SHARED_EXPORTS = PROJECT_ROOT.parent / "shared" / "exports" / "limesurvey"
MUNICIPALITIES = {"garbsen": "03241005", "kaufbeuren": "09762000", "konstanz": "08335043"}
SCALE = {"A1": 1, "A2": 2, "A3": 3, "A4": 4}
SELECTION_PAGE = 2
CONVERTED = {"3,5": "3.5", "03.04.": "03. Apr", "1E5": "1,00E+05", "00123": "123"}
"""What programs made of texts that look like numbers and dates, as measured."""
FORMULA_LOST = "formula_without_value"
E_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


@dataclass(frozen=True)
class Variant:
    """One way of exporting, and where its files are put."""

    name: str
    form: str
    style: str
    files: tuple[tuple[str, Path], ...]
    derived: str = ""
    is_complete_only: bool = False


@dataclass(frozen=True)
class Difference:
    """A cell that is not what was entered, and the loss in the file that explains it."""

    response_id: str
    code: str
    got: Any
    expected: Any
    loss: str | None


@dataclass
class Result:
    """What came of it: cells are items, field choices and free texts of loaded responses."""

    variant: Variant
    cells: int = 0
    differing: list[Difference] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)
    quarantined: dict[str, str] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    wrong_keys: list[str] = field(default_factory=list)

    @property
    def equal(self) -> int:
        return self.cells - len(self.differing)


def variants(exports: Path) -> list[Variant]:
    def per_place(folder: str) -> tuple[tuple[str, Path], ...]:
        return tuple(
            (f"{ags}/{wave}/selfcheck", next((exports / folder).glob(f"{name}_{wave}[_.]*")))
            for name, ags in MUNICIPALITIES.items()
            for wave in ("t0", "t1")
        )

    def whole(name: str, form: str, style: str, file: str, derived: str = "") -> Variant:
        complete = "complete only" in style
        return Variant(name, form, style, (("_multi", exports / file),), derived, complete)

    return [
        Variant("uniform_csv", "CSV", "code headings, answer codes", per_place("uniform_csv")),
        Variant("uniform_xlsx", "XLSX", "full headings, answer texts", per_place("uniform_xlsx")),
        Variant(
            "per_municipality", "CSV, XLSX", "six files, six styles", per_place("per_municipality")
        ),
        whole("rc_csv", "CSV", "RemoteControl, semicolon", "whole_survey/rc_csv_code_short_all.csv"),
        whole("csv_long", "CSV", "code headings, answer texts", "whole_survey/csv_code_long_comma_all.csv"),
        whole("defaults", "CSV", "defaults of the form: full headings, answer texts", "whole_survey/DEFAULTS_of_the_form_full_long_comma.csv"),
        whole("r_data", "CSV for R", "Y as 1, not ticked as 0", "whole_survey/survey_352021_R_data_file_all.csv"),
        whole("r_full", "CSV for R", "the same below full headings (derived)", "whole_survey/survey_352021_R_data_file_all.csv", "r_full"),
        whole("xlsx", "XLSX", "code headings, answer codes", "whole_survey/xlsx_code_short_all.xlsx"),
        whole("xlsx_nomask", "XLSX", "equations not masked", "whole_survey/xlsx_code_short_all_nomask.xlsx"),
        whole("json", "JSON", "code headings, answer codes, complete only", "whole_survey/json_code_short_complete.json"),
        whole("vv", "VV", "version 2, codes", "whole_survey/vvexport_352021_v2_all.csv"),
        whole("vv_1", "VV", "version 1, field names (derived)", "whole_survey/vvexport_352021_v2_all.csv", "vv_1"),
        whole("lsa", "LSA", "survey archive", "whole_survey/survey_archive_352021.lsa"),
        whole("sav", "SAV", "SPSS plugin, repaired", "resaved/repaired_plugin_all_short.sav"),
        whole("sav_damaged", "SAV", "SPSS plugin as written (derived)", "resaved/repaired_plugin_all_short.sav", "sav_damaged"),
        whole("stata", "Stata XML", "as the plugin writes it, with control characters (derived)", "whole_survey/rc_csv_code_short_all.csv", "stata"),
        whole("ods", "ODS", "full headings, answer texts, saved by LibreOffice, complete only", "resaved/lo_full_long_complete.ods"),
        whole("excel_cp1252", "CSV", "saved by a German Excel (emulated), cp1252", "resaved/excel_de_emulated_cp1252_semicolon.csv"),
        whole("lo_cp1252", "CSV", "unmasked XLSX saved by LibreOffice, cp1252", "resaved/lo_xlsx_saved_as_csv_cp1252_semicolon.csv"),
    ]  # fmt: skip


def truth_of(exports: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((exports / "truth.json").read_text(encoding="utf-8"))
    return truth


def _deliver(variant: Variant, settings: Settings, instrument: Instrument) -> set[str]:
    """Puts the files of a variant into the inbox; returns the hashes of their bytes."""
    hashes = set()
    for place, file in variant.files:
        target = settings.inbox / place / f"{variant.name}_{file.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        derive(variant.derived, file, target, instrument)
        hashes.add(hashlib.sha256(target.read_bytes()).hexdigest())
    return hashes


def _compare(
    connection: duckdb.DuckDBPyConnection,
    instrument: Instrument,
    responses: dict[str, Any],
    result: Result,
) -> None:
    result.rules.update(
        rule for (rule,) in connection.execute("SELECT rule FROM raw.finding").fetchall()
    )
    for original, rules in connection.execute(
        "SELECT original_row, rules FROM raw.quarantine"
    ).fetchall():
        number = json.loads(original)["id"] if original else "*"
        if number in responses or number == "*":
            result.quarantined[number] = rules
    loaded = connection.execute(
        "SELECT source_response_id, ags, wave FROM core.response"
    ).fetchall()
    for number, ags, wave in loaded:
        if number in responses:
            result.loaded.add(number)
            if (ags, wave) != (responses[number]["ags"], responses[number]["wave"]):
                result.wrong_keys.append(number)
    for number, kind, code, got in (
        *_answers(connection),
        *_choices(connection),
        *_comments(connection, instrument, result.loaded),
    ):
        if number not in responses:
            continue
        result.cells += 1
        expected = _EXPECTED[kind](responses[number], code)
        if got != expected:
            loss = _loss(got, expected)
            result.differing.append(Difference(number, code, got, expected, loss))


def _loss(got: Any, expected: Any) -> str | None:
    """The rule that must tell the sender why a cell cannot be what was entered."""
    if (got, expected) == ((None, "skipped"), (None, "invalid")):
        return "long_answers"
    if got is None and isinstance(expected, str) and expected.startswith("="):
        return FORMULA_LOST
    if not isinstance(got, str) or not isinstance(expected, str):
        return None
    if got == expected.encode("cp1252", "replace").decode("cp1252"):
        return "letters_replaced"
    if CONVERTED.get(expected) == got:
        return "comment_maybe_converted"
    return None


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str, Any]]:
    for number, code, value, reason in connection.execute(
        "SELECT source_response_id, source_code, value, missing_reason "
        "FROM core.answer JOIN core.response USING (response_id) "
        "JOIN reference.item_source USING (instrument_id, item_code)"
    ).fetchall():
        yield number, "item", code, (value, reason)


def _choices(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str, Any]]:
    for number, code, is_chosen, reason in connection.execute(
        "SELECT source_response_id, action_field, is_chosen, missing_reason "
        "FROM core.field_choice JOIN core.response USING (response_id)"
    ).fetchall():
        yield number, "choice", f"HF[{code}]", (is_chosen, reason)


def _comments(
    connection: duckdb.DuckDBPyConnection, instrument: Instrument, loaded: set[str]
) -> Iterator[tuple[str, str, str, Any]]:
    texts = {
        (number, topic, action_field): text
        for number, topic, action_field, text in connection.execute(
            "SELECT source_response_id, topic, action_field, text "
            "FROM core.comment JOIN core.response USING (response_id)"
        ).fetchall()
    }
    for number in sorted(loaded):
        for column, mapping in instrument.columns_with("comment"):
            key = (number, mapping.topic, mapping.action_field)
            yield number, "comment", column.source_code, _plain(texts.get(key))


def _expected_item(response: dict[str, Any], code: str) -> tuple[int | None, str | None]:
    """What an item of a response must be, from what was entered and from its state."""
    entered = response["entered"].get(code)
    if entered in SCALE:
        return SCALE[entered], None
    if entered is not None:
        return None, "dont_know" if entered == "A9" else "invalid"
    (reason,) = [reason for reason, codes in response["state"].items() if code in codes]
    if reason != "field_not_chosen":
        return None, reason
    # Someone who left before choosing has not chosen anything yet.
    return None, "not_chosen" if _reached(response) else "not_reached"


def _expected_choice(response: dict[str, Any], code: str) -> tuple[bool | None, str | None]:
    if not _reached(response):
        return None, "not_reached"
    return response["entered"].get(code) == "Y", None


def _expected_comment(response: dict[str, Any], code: str) -> str | None:
    text = response["entered"].get(code)
    return None if text is None else _plain(E_MAIL.sub("[E-Mail-Adresse entfernt]", text))


def _plain(text: str | None) -> str | None:
    """A text without outer blanks, all kinds of line break alike: no format keeps them all.

    The survey's own form drops the vertical tab when an answer is entered.
    """
    if text is None:
        return None
    return re.sub(r"\r\n?", "\n", text).replace("\x0b", "").strip() or None


def _reached(response: dict[str, Any]) -> bool:
    return bool(response["observed"]["lastpage"] >= SELECTION_PAGE)


_EXPECTED = {"item": _expected_item, "choice": _expected_choice, "comment": _expected_comment}


def measure_all(exports: Path, folder: Path) -> list[Result]:
    """Reads and judges all files in one go, then builds raw and core for each variant."""
    settings = Settings(data_dir=folder, settle_seconds=0.0)
    (instrument,) = [
        x for x in load_instruments(settings.reference_dir) if x.instrument_id == "352021"
    ]
    truth = truth_of(exports)
    responses = {str(x["response_id"]): x for x in truth["responses"] if not x["deleted"]}
    files = {x.name: _deliver(x, settings, instrument) for x in variants(exports)}
    arrivals = take_in(settings).arrivals
    stage_deliveries(settings, arrivals)
    staged = settings.stage.rename(folder / "staged")
    results = []
    for variant in variants(exports):
        own = [arrival for arrival in arrivals if arrival.sha256 in files[variant.name]]
        shutil.rmtree(settings.stage, ignore_errors=True)
        shutil.copytree(staged, settings.stage)
        store_of(settings).keep_only(files[variant.name])
        build.start(settings)
        build.build_raw(settings, own)
        build_schema(settings, "core")
        result = Result(variant)
        with duckdb.connect(str(build.build_file(settings)), read_only=True) as connection:
            _compare(connection, instrument, responses, result)
        results.append(result)
    return results


def markdown(results: list[Result]) -> str:
    """The table of the README."""
    lines = [
        "| format | how it was exported | responses | cells compared | equal | lost in the file, reported as |",
        "|---|---|---:|---:|---:|---|",
    ]
    for x in results:
        losses = Counter(difference.loss or "**unexplained**" for difference in x.differing)
        lost = ", ".join(
            f"{number} × `{loss}`" + ("" if loss in x.rules else " (not reported)")
            for loss, number in sorted(losses.items())
        )
        lines.append(
            f"| {x.variant.form} | {x.variant.style} | {len(x.loaded)} | {x.cells} | {x.equal} "
            f"| {lost or '–'} |"
        )
    return "\n".join(lines)


def readme_table() -> str:
    """What stands in the README now."""
    text = README.read_text(encoding="utf-8")
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="weltoffen-formats-"))
    try:
        table = markdown(measure_all(SHARED_EXPORTS, folder))
    finally:
        shutil.rmtree(folder)
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
