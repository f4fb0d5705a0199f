"""Files that are not what they should be end in a finding, never in a traceback."""

import io
import resource
import signal
import threading
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import DEMO_INBOX
from weltoffen_etl.exports.files import tabular
from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.settings import Settings


def _read(tmp_path: Path, content: bytes) -> tabular.Tables:
    file = tmp_path / "file"
    file.write_bytes(content)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return tabular.read(file, scratch)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7 x", "file_format_unknown"),
        (b"PK\x03\x04 no zip", "file_unreadable"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "file_unreadable"),
        (b"a;b\n1;\x002\n", "file_format_unknown"),
        (b'a;b\n1;2\n3;"4\n', "file_truncated"),
        (b"a;b\n1;2\n3", "file_truncated"),
    ],
)
def test_refused_with_a_rule(tmp_path: Path, content: bytes, rule: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        _read(tmp_path, content)
    assert caught.value.rule == rule


def test_ragged_row_is_reported_with_its_place(tmp_path: Path) -> None:
    (grid,) = _read(tmp_path, b'a;b\r\n1;"x\r\ny"\r\n2\r\n3;z\r\n').grids
    assert grid.ragged == ((3, 1),)
    assert [(row, cells) for row, cells in grid.head] == [
        (1, ("a", "b")),
        (2, ("1", "x\ny")),
        (4, ("3", "z")),
    ]


def test_empty_text_and_nothing_stay_apart(tmp_path: Path) -> None:
    (grid,) = _read(tmp_path, b'a;b;c\n"";;1\n').grids
    assert grid.head[1] == (2, ("", None, "1"))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("ä;b\n1;2\n".encode("cp1252"), "cp1252"),
        ("ä;b\n1;2\n".encode("utf-8-sig"), "utf-8"),
        ("\ufeffä;b\n1;2\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_encoding_ladder(tmp_path: Path, content: bytes, encoding: str) -> None:
    tables = _read(tmp_path, content)
    assert tables.encoding == encoding
    assert tables.grids[0].head[0] == (1, ("ä", "b"))


def test_reader_out_of_time_costs_one_file() -> None:
    file = next((DEMO_INBOX / "03241005" / "t0" / "selfcheck").iterdir())
    with IsolatedReader(Settings(reader_seconds=0.001)) as reader:
        with pytest.raises(UnreadableFileError) as caught:
            reader.read(file)
        assert caught.value.rule == "file_reader_stopped"
    with IsolatedReader(Settings()) as reader:
        assert reader.read(file).grids[0].rows == 23


def test_busy_machine_costs_no_file() -> None:
    file = next((DEMO_INBOX / "03241005" / "t0" / "selfcheck").iterdir())
    with IsolatedReader(Settings(reader_seconds=1)) as reader:
        reader.read(file)
        child = reader._child
        assert child is not None
        soft, _ = resource.prlimit(child.pid, resource.RLIMIT_CPU)
        assert 0 < soft < 60
        # Two seconds without the processor are more than the limit, and no reason to give up.
        child.send_signal(signal.SIGSTOP)
        waking = threading.Timer(2, child.send_signal, [signal.SIGCONT])
        waking.start()
        assert reader.read(file).grids[0].rows == 23
        assert reader._child is child
        # What the kernel does to a parser that has used up its processor time.
        child.send_signal(signal.SIGSTOP)
        ending = [
            threading.Timer(0.5, child.send_signal, [signal.SIGXCPU]),
            threading.Timer(0.6, child.send_signal, [signal.SIGCONT]),
        ]
        for timer in ending:
            timer.start()
        with pytest.raises(UnreadableFileError) as caught:
            reader.read(file)
        assert caught.value.rule == "file_reader_stopped"
        assert caught.value.value == "Zeitgrenze"


def test_resting_reader_holds_no_memory_and_reads_on() -> None:
    file = next((DEMO_INBOX / "03241005" / "t0" / "selfcheck").iterdir())
    with IsolatedReader(Settings()) as reader:
        grid = reader.read(file).grids[0]
        reader.read_ahead(file)
        busy = reader._child
        reader.rest()
        assert reader._child is busy
        assert busy is not None
        reader.read(file)
        reader.rest()
        assert busy.poll() is not None
        assert grid.table.is_file()
        assert reader.read(file).grids[0].rows == grid.rows


@pytest.mark.parametrize("used", [False, True])
def test_paused_machine_costs_no_file(monkeypatch: pytest.MonkeyPatch, *, used: bool) -> None:
    file = next((DEMO_INBOX / "03241005" / "t0" / "selfcheck").iterdir())
    with IsolatedReader(Settings(reader_seconds=5)) as reader:
        if used:
            reader.read(file)
        reader.read_ahead(file)
        paused = reader._child
        assert paused is not None
        paused.send_signal(signal.SIGSTOP)
        monkeypatch.setattr("weltoffen_etl.exports.isolation._PATIENCE", 2)
        assert reader.read(file).grids[0].rows == 23
        assert reader._child is not paused


@pytest.mark.parametrize("mark", ["\x0b", "&#11;"])
def test_control_character_in_a_sheet_is_no_reason_to_refuse(tmp_path: Path, mark: str) -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
        f'<row r="2"><c r="A2" t="inlineStr"><is><t>a{mark}b</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    plain = io.BytesIO()
    book = openpyxl.Workbook()
    book.save(plain)
    book.close()
    changed = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = sheet.encode() if name.endswith("sheet1.xml") else old.read(name)
            new.writestr(name, content)
    (grid,) = _read(tmp_path, changed.getvalue()).grids
    assert grid.rows == 2
    assert (grid.head[1][1][0] or "").startswith("a")
