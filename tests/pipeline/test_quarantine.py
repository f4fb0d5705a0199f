"""The quarantine: its ledger over several nights, its list and its internal file."""

import csv
import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from tests.conftest import DEMO_INBOX, deliver
from tests.corrections import reference_with
from tests.nights import run_night
from weltoffen_etl.cli import main
from weltoffen_etl.quarantine import Event, history, last_events, ledger_file, record_quarantine
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

PLACE = "03241005/t1/selfcheck"
SURVEY = DEMO_INBOX / PLACE / "garbsen_t1_results-survey352021.csv"
# A cell of the form that is kept back, as a spreadsheet would take it for a formula.
OFFICE = b'"StS Integration"'
FORMULA = b'"=HYPERLINK(""http://example.org"")"'


def _settings(folder: Path, reference: Path) -> Settings:
    return Settings(data_dir=folder / "data", reference_dir=reference, settle_seconds=0.0)


def _night(settings: Settings) -> str:
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert record.release is not None
    return record.release


def _told(events: list[Event]) -> list[tuple[str, int | None, str | None]]:
    return [(event.event, event.row, event.by) for event in events]


def _form(number: str, key: bytes, office: bytes = OFFICE) -> bytes:
    """The delivered survey with another key and office in one form."""
    lines = SURVEY.read_bytes().split(b"\r\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(f'"{number}"'.encode()))
    lines[at] = lines[at].replace(b'"08335043"', b'"' + key + b'"').replace(OFFICE, office)
    return b"\r\n".join(lines)


def _ask(settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(
        main,
        ["quarantine", "--data-dir", str(settings.data_dir), *arguments],
        env={"WELTOFFEN_REFERENCE_DIR": str(settings.reference_dir)},
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A night after which form 112, in row 4, is kept back."""
    folder = tmp_path_factory.mktemp("kept")
    settings = _settings(folder, reference_with(folder))
    file = folder / "bogen.csv"
    file.write_bytes(_form("112", b"08335043", FORMULA))
    deliver(settings, PLACE, file)
    _night(settings)
    return settings


def test_the_list_names_place_and_reason(kept: Settings) -> None:
    told = _ask(kept).output
    for word in ("03241005", "t1", "ags_conflict", "Bogen 08335043", "1 Eintrag", "4"):
        assert word in told
    assert "Nichts ist zurückgestellt" in _ask(kept, "--ags", "09762000").output
    assert "1 Eintrag" in _ask(kept, "--ags", "03241005", "--all").output
    refused = _ask(kept, "--ags", "1")
    assert refused.exit_code == 2
    assert "Teilnehmerverzeichnis" in refused.output


def test_nothing_published_is_said(tmp_path: Path) -> None:
    result = _ask(_settings(tmp_path, reference_with(tmp_path)))
    assert result.exit_code == 1
    assert "Noch nichts veröffentlicht" in result.output


def test_the_workbook_holds_whole_rows_and_no_formula(kept: Settings, tmp_path: Path) -> None:
    file = tmp_path / "klaerung.xlsx"
    assert "Personen" in _ask(kept, "--export", str(file)).output
    book = load_workbook(file)
    assert any("Intern" in str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True))
    sheet = book["Zurückgestellt"]
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, sheet[2], strict=True))
    with io.StringIO(_form("112", b"08335043", FORMULA).decode("utf-8-sig")) as text:
        delivered = next(x for x in csv.DictReader(text) if x["id"] == "112")
    assert delivered["amt"].startswith("=")
    assert (row["amt"].data_type, row["amt"].value) == ("s", delivered["amt"])
    # Addresses are never loaded; the ID of a survey tool is called as the file calls it.
    never = {"email", "refurl"}
    assert never.isdisjoint(heads)
    assert {x: row[x].value or "" for x in delivered if x in row} == {
        x: text for x, text in delivered.items() if x in row
    }
    assert len(delivered.keys() & row.keys()) > 140
    assert (row["Zeile"].value, row["Antwortbogen"].value) == (4, "112")
    with ZipFile(file) as package:
        assert not any(b"<f>" in package.read(x) for x in package.namelist())


def test_the_text_table_holds_no_formula(kept: Settings, tmp_path: Path) -> None:
    file = tmp_path / "klaerung.csv"
    _ask(kept, "--export", str(file))
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert rows[0]["amt"] == '\'=HYPERLINK("http://example.org")'
    assert not any(x.startswith(("=", "+", "-", "@", "\t", "\r")) for x in rows[0].values())
    assert _ask(kept, "--export", str(tmp_path / "x.pdf")).exit_code == 2


def test_a_lost_or_torn_ledger_comes_to_the_same_state(kept: Settings) -> None:
    ledger = ledger_file(kept)
    events = history(kept)
    assert _told(events) == [("kept_back", 4, None)]
    release = current_release(kept)
    assert release is not None
    assert record_quarantine(kept, release.name) == ()
    whole = ledger.read_bytes()
    for rest in (b"", whole[:40]):
        # As if the run had died before or amid its entry; the next has nothing new to do.
        ledger.write_bytes(rest)
        assert run_night(kept).outcome == "nothing_new"
        again = history(kept)
        assert [(x.key, x.rules, x.release) for x in again] == [
            (x.key, x.rules, x.release) for x in events
        ]
        assert ledger.read_bytes().count(b"\n") == 1


@pytest.mark.slow
def test_a_correction_and_a_newer_file_release(tmp_path: Path) -> None:
    settings = _settings(tmp_path, reference_with(tmp_path))
    first_file = deliver(settings, PLACE, SURVEY)
    first = _night(settings)
    entry = {
        "id": "einladung", "place": PLACE, "response": "112", "column": "AGS",
        "action": "override", "value": "03241005", "expect": "08335043",
    }  # fmt: skip
    reference_with(tmp_path, entry)
    second = _night(settings)
    events = history(settings)
    assert _told(events) == [("kept_back", 4, None), ("released", 4, "correction:einladung")]
    assert [event.release for event in events] == [first, second]
    assert {event.rules for event in events} == {("ags_conflict",)}
    # Without the correction the form waits again …
    reference_with(tmp_path)
    _night(settings)
    assert _told(history(settings))[2:] == [("kept_back", 4, None)]
    # … a newer file with the same mistake in another row releases nothing …
    lines = SURVEY.read_bytes().split(b"\r\n")
    moved = tmp_path / "moved.csv"
    moved.write_bytes(b"\r\n".join([lines[0], lines[3], lines[1], lines[2], *lines[4:]]))
    deliver(settings, PLACE, moved)
    _night(settings)
    assert _told(history(settings))[3:] == [("kept_back", 2, None)]
    assert "1 Eintrag" in _ask(settings).output
    assert "2 Einträge" in _ask(settings, "--all").output
    # … and the corrected file releases both.
    mended = tmp_path / "mended.csv"
    mended.write_bytes(_form("112", b"03241005"))
    deliver(settings, PLACE, mended)
    _night(settings)
    told = history(settings)[4:]
    assert {event.row for event in told} == {2, 4}
    by = {event.by for event in told}
    assert len(by) == 1
    sha256 = str(by.pop()).removeprefix("file:")
    arrived = (settings.archive / "ledger.jsonl").read_text(encoding="utf-8")
    ledger = [json.loads(line) for line in arrived.splitlines()]
    assert [x["path"] for x in ledger if x["sha256"] == sha256] == [f"{PLACE}/mended.csv"]
    assert {x.event for x in last_events(history(settings)).values()} == {"released"}
    assert first_file.is_file()
    printed = _ask(settings, "--history").output
    for word in ("durch Berichtigung einladung", f"({sha256[:12]})", first, "zurückgestellt"):
        assert word in printed
    assert "Nichts ist zurückgestellt" in _ask(settings).output
    assert "freigegeben" in _ask(settings, "--all").output


@pytest.mark.slow
def test_a_file_that_could_not_be_read_is_released_by_one_that_can(tmp_path: Path) -> None:
    settings = _settings(tmp_path, reference_with(tmp_path))
    broken = tmp_path / "broken.csv"
    broken.write_bytes(SURVEY.read_bytes()[:6000])
    deliver(settings, PLACE, broken)
    _night(settings)
    assert _told(history(settings)) == [("kept_back", None, None)]
    assert "ganze Datei" in _ask(settings).output
    mended = tmp_path / "mended.csv"
    mended.write_bytes(_form("112", b"03241005"))
    deliver(settings, PLACE, mended)
    _night(settings)
    last = history(settings)[-1]
    assert (last.event, last.row) == ("released", None)
    assert (last.by or "").startswith("file:")
    assert len(history(settings)) == 2
