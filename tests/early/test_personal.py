"""What a person might have left in a file stands in no message, cursor, memory or log."""

import logging

import pytest

from tests.hostile.canaries import Search, canaries
from tests.hostile.canary_night import deliver_all, files_of
from weltoffen_etl.early.inbox import look
from weltoffen_etl.early.rounds import check_inbox
from weltoffen_etl.notices.outbox import read
from weltoffen_etl.settings import Settings

MARKS = canaries()[::5]


@pytest.mark.slow
def test_no_mark_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WELTOFFEN_OPERATOR_EMAIL", "betrieb@weltoffen.example")
    files = deliver_all(settings, MARKS)
    search = Search(MARKS)
    assert any(search.in_file(file) for file in files_of(settings.inbox))
    with caplog.at_level(logging.DEBUG):
        done = check_inbox(settings)
    assert len(done.files) == files
    assert done.left == 0
    assert done.written >= 4
    assert sum(line.findings for line in done.files) > 100
    for file in files_of(settings.outbox, settings.data_dir / "early"):
        assert not search.in_file(file), file.name
    pages = [
        str(part.get_content())
        for file in settings.outbox.glob("*.eml")
        for part in read(file).iter_attachments()
    ]
    assert len(pages) == done.written - 1
    for told in (*pages, caplog.text, str(done), look(settings, None).cursor):
        assert not search.in_text(told)
