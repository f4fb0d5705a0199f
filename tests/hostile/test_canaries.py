"""What a person might have left in a delivery does not leave the internal warehouse."""

import os
import subprocess
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.hostile.canaries import Canary, Search, canaries, table_text, unlike_each_other
from tests.hostile.canary_night import deliver_all, files_of
from weltoffen_etl.settings import Settings

pytestmark = pytest.mark.slow
MARKS = canaries()
_CALL = "from weltoffen_etl.cli import main; main()"


@dataclass(frozen=True, slots=True)
class _Night:
    settings: Settings
    home: Path
    docs: Path
    said: dict[str, str]


def _weltoffen(settings: Settings, home: Path, *arguments: str) -> str:
    """What a command says, to whomever; it must not fail for want of anything."""
    done = subprocess.run(
        [sys.executable, "-c", _CALL, *arguments, "--data-dir", str(settings.data_dir)],
        env=os.environ
        | {
            "DAGSTER_HOME": str(home),
            "WELTOFFEN_SETTLE_SECONDS": "0",
            "WELTOFFEN_OPERATOR_EMAIL": "betrieb@weltoffen.example",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode in (0, 3), done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> _Night:
    folder = tmp_path_factory.mktemp("canaries")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    assert deliver_all(settings, MARKS) > 130
    (settings.data_dir / "contacts.csv").write_text(
        "ags,email\n"
        + "".join(f"{ags},umfrage@{ags}.example\n" for ags in ("03241005", "09762000", "08335043")),
        encoding="utf-8",
    )
    home, docs = folder / "home", folder / "docs"
    home.mkdir()
    said = {
        words[0]: _weltoffen(settings, home, *words)
        for words in (["run"], ["notify"], ["status"], ["datadocs", "--out", str(docs)])
    }
    return _Night(settings, home, docs, said)


def test_the_marks_are_told_apart() -> None:
    assert len(MARKS) == 50
    assert unlike_each_other(MARKS)
    assert canaries() == MARKS


@pytest.mark.parametrize("mark", [MARKS[0], MARKS[10], MARKS[26], MARKS[32]], ids=lambda x: x.kind)
def test_the_search_finds_a_mark_wherever_it_is_put(mark: Canary, tmp_path: Path) -> None:
    import duckdb

    search = Search(MARKS)
    message = EmailMessage()
    message["Subject"] = f"Grüße {mark.text}"
    message.set_content("ä" * 200, cte="quoted-printable")
    message.add_attachment(f"<p>ä {mark.text}".encode(), maintype="text", subtype="html")
    coded = EmailMessage()
    coded.set_content(f"äöü {mark.text} " * 9, cte="quoted-printable")
    database = tmp_path / "packed.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT $x || i AS c FROM range(5000) r(i)", {"x": mark.text}
        )
    for name, content in {
        "a.html": f"<p>{mark.text.upper()}".encode(),
        "b.bin": b"\0" + mark.text.encode("utf-16-le"),
        "c.eml": message.as_bytes(),
        "d.eml": coded.as_bytes(),
        "e.json": "".join(f"%{x:02X}" for x in mark.text.encode()).encode(),
        "f.txt": "".join(f"&#{ord(x)};" for x in mark.text).encode(),
    }.items():
        (tmp_path / name).write_bytes(content)
    for file in files_of(tmp_path):
        assert mark in search.in_file(file), file.name


def test_the_marks_went_all_the_way(night: _Night) -> None:
    """Otherwise their absence would mean nothing: the internal warehouse knows each of them.

    Addresses are taken out of texts at once; paths keep them.
    """
    inside = Search(MARKS).in_bytes(table_text(night.settings.warehouse_file))
    assert inside == set(MARKS)


def test_nothing_that_leaves_holds_a_mark(night: _Night) -> None:
    search = Search(MARKS)
    settings = night.settings
    internal = {
        settings.inbox, settings.archive, settings.stage, settings.warehouse_file,
        settings.warehouse / "failure.txt",
    }  # fmt: skip
    searched = [
        file
        for file in files_of(settings.data_dir, night.home, night.docs)
        if not internal & {file, *file.parents}
    ]
    names = {file.name for file in searched}
    assert names >= {
        "weltoffen.duckdb",
        "manifest.json",
        "quality.html",
        "runs.jsonl",
        "03241005.html",
    }
    assert {file.suffix for file in searched} >= {".eml", ".db", ".html", ".json", ".duckdb"}
    leaks = {
        f"{mark.kind} {mark.text!r} in {file.name}"
        for file in searched
        for mark in search.in_file(file)
    }
    leaks |= {
        f"{mark.kind} {mark.text!r} in what `{command}` says"
        for command, text in night.said.items()
        for mark in search.in_text(text)
    }
    assert all(night.said[command] for command in ("run", "notify", "status", "datadocs"))
    assert sorted(leaks) == []
