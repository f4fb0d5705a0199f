"""The pages of a release: what they say, what they keep to themselves, whether they are sound HTML."""

import csv
import hashlib
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest
from click.testing import CliRunner

from tests.nights import run_night
from tests.report_night import (
    AWAITED,
    BROKEN,
    CLEAN,
    FEW,
    LABEL,
    PAYLOAD,
    REPLACED,
    SHARED,
    SHARED_REPAIRED,
    flawless,
    forms,
    make_night,
)
from weltoffen_etl.cli import main
from weltoffen_etl.reports.pdf import pdf_of
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import Release, current_release
from weltoffen_etl.warehouse.release import PublicationError

STYLES = PROJECT_ROOT / "weltoffen_etl" / "reports" / "pages" / "page.css"
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_night(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def release(night: Settings) -> Release:
    current = current_release(night)
    assert current is not None
    return current


def _page(release: Release, ags: str) -> str:
    return (release.folder / "reports" / f"{ags}.html").read_text(encoding="utf-8")


def _text(page: str) -> str:
    """What a reader sees, with single blanks."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    body = tree.find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def _says(page: str) -> str:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    (element,) = (x for x in tree.iter("p") if x.get("class") == "says")
    return " ".join("".join(element.itertext()).split())


def _table(page: str, name: str) -> list[list[str]]:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row]
        for table in tree.iter("table")
        if name in (table.get("class") or "")
        for row in table.iter("tr")
    ]


def _pages(release: Release) -> list[Path]:
    return [release.folder / "quality.html", *sorted((release.folder / "reports").glob("*.html"))]


def test_one_page_for_everyone_who_delivered_or_should(release: Release) -> None:
    assert {file.stem for file in (release.folder / "reports").iterdir()} == {
        REPLACED,
        FEW,
        CLEAN,
        BROKEN,
        AWAITED,
        SHARED,
        SHARED_REPAIRED,
        PAYLOAD,
    }


def test_pages_are_read_only(release: Release) -> None:
    for file in release.folder.rglob("*"):
        if file.is_file():
            assert file.stat().st_mode & 0o777 == 0o444, file


def test_pages_are_strict_html_without_scripts_and_outside_addresses(release: Release) -> None:
    for file in _pages(release):
        page = file.read_text(encoding="utf-8")
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
        first = next(iter(tree.find("head")))
        assert (first.get("http-equiv"), first.get("content")) == ("Content-Security-Policy", CSP)
        tags = {element.tag for element in tree.iter()}
        assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
        names = {name for element in tree.iter() for name in element.attrib}
        assert not {name for name in names if name.startswith("on") or name in {"href", "src"}}
        assert not re.search(r"https?:|url\(|@import", page)


def test_a_name_with_markup_is_inert(release: Release) -> None:
    page = _page(release, PAYLOAD)
    assert LABEL not in page
    assert LABEL in _text(page)
    assert LABEL not in (release.folder / "quality.html").read_text(encoding="utf-8")


def test_no_page_names_another_municipality(release: Release) -> None:
    registry = PROJECT_ROOT / "data" / "reference" / "municipalities.csv"
    with registry.open(encoding="utf-8", newline="") as file:
        everyone = {row["ags"]: row["label_de"] for row in csv.DictReader(file)}
    everyone[PAYLOAD] = LABEL
    for file in (release.folder / "reports").iterdir():
        words = _text(file.read_text(encoding="utf-8"))
        assert everyone[file.stem] in words
        for ags, name in everyone.items():
            if ags != file.stem:
                assert name not in words, (file.name, name)
                key = f"0?{ags[1:]}" if re.fullmatch("0[1-9].{6}", ags) else ags
                assert not re.search(rf"(?<!\d){key}(?!\d)", words), (file.name, ags)


def test_the_key_of_another_municipality_is_hidden_in_a_sentence(tmp_path: Path) -> None:
    from weltoffen_etl.reports.partner.facts import Municipality
    from weltoffen_etl.reports.partner.others import Names, Neighbours

    town, district = (
        Municipality("09174115", "Dachau", ""),
        Municipality("09174", "Landkreis Dachau", ""),
    )
    hide = Neighbours(district, Names([town, district])).hide
    assert hide("Bogen 09174115, Ordner 09174") == "Bogen (andere Kommune), Ordner 09174"
    assert hide("9174115, 091740000115, Dachau") == ", ".join(["(andere Kommune)"] * 3)
    assert hide("Landkreis Dachau, Zeile 9174, 2025") == "Landkreis Dachau, Zeile 9174, 2025"


def test_no_word_of_a_file_is_shown(release: Release) -> None:
    """File names, amounts of free text, e-mail addresses and sheet names stay inside."""
    told = [form["amt"] for form in forms() if len(form["amt"]) > 5]
    addresses = re.findall(r"[\w.]+@[\w.]+", json.dumps(forms()))
    assert len(told) > 5
    for file in _pages(release):
        words = _text(file.read_text(encoding="utf-8"))
        for secret in [*told, *addresses, "Geheim", "garbsen_t1", "results-survey", "broken.xlsx"]:
            assert secret not in words, (file.name, secret)


def test_verdicts(release: Release) -> None:
    assert _says(_page(release, BROKEN)) == "Die Datei konnten wir nicht übernehmen."
    assert _says(_page(release, CLEAN)) == "Alles angekommen – vielen Dank."
    assert _says(_page(release, AWAITED)) == (
        "Wir warten noch auf den Selbstcheck t0 (erbeten bis 31. Mai 2025) "
        "und den Selbstcheck t1 (bis 30. November 2026)."
    )
    glance = _page(release, SHARED_REPAIRED)
    assert _says(glance) == "Alles angekommen – vielen Dank."
    assert "An einer Stelle bitten wir Sie, kurz hinzusehen." in _text(glance)


def test_verdicts_in_further_words() -> None:
    from datetime import UTC, date, datetime

    from weltoffen_etl.reports.partner.facts import Delivery, Expected
    from weltoffen_etl.reports.partner.places import Group, Notice
    from weltoffen_etl.reports.partner.verdict import verdict

    def group(action: str, count: int) -> Group:
        return Group(action, "", (Notice("warning", "", "", count, None, (), (), 0),))

    taken = Delivery(
        "a" * 64, 1, "selfcheck", ("t0",), None, "whole", 1, datetime.now(UTC), "csv",
        is_synthetic=False, is_readable=True, is_shared=False, superseded_by=None, settled=False,
        taken=20, kept_back=0,
    )  # fmt: skip
    broken = replace(taken, delivery_id="b" * 64, is_readable=False, taken=0)
    empty = replace(taken, delivery_id="c" * 64, taken=0, kept_back=4)
    overdue = Expected("workshop", None, date(2025, 6, 30), "overdue")
    coming = Expected("selfcheck", "t1", date(2026, 11, 30), "open")
    asked = verdict([taken], [], [group("edit", 2), group("look", 1), group("none", 9)])
    assert asked.sentence == "Angekommen, an 3\u00a0Stellen bitten wir um Ihre Hilfe."
    assert verdict([taken, broken], [], []).sentence == (
        "Eine von 2 Dateien konnten wir nicht übernehmen."
    )
    assert verdict([empty, broken], [], []).sentence == (
        "Die Dateien konnten wir nicht übernehmen."
    )
    assert verdict([taken, replace(broken, settled=True)], [], []).tone == "good"
    late = verdict([taken], [overdue, coming], [])
    assert "die Workshop-Datei (erbeten bis 30.\u00a0Juni 2025)" in late.sentence
    assert late.details == (
        "Alles Übrige ist angekommen – vielen Dank.",
        "Als Nächstes erwarten wir den Selbstcheck t1 (bis 30.\u00a0November 2026).",
    )
    assert verdict([taken], [coming], []).sentence == (
        "Alles bisher Erbetene ist angekommen – vielen Dank."
    )


def test_replaced_file_is_compared_and_its_findings_are_not_asked_again(release: Release) -> None:
    page = _page(release, REPLACED)
    rows = {row[0]: row[1:] for row in _table(page, "compare")}
    assert rows["Zeilen"] == ["19", "19"]
    assert rows["übernommen"] == ["18", "19"]
    assert rows["zurückgestellt"] == ["1", "0"]
    assert rows["dringende Befunde"] == ["1", "0"]
    words = _text(page)
    asked, _, changed = words.partition("Was sich geändert hat")
    assert "widersprechen sich" not in asked
    fixed, _, still = changed.partition("Weiterhin:")
    assert "Behoben – danke: Die Angaben zur Kommune widersprechen sich: …" in fixed
    assert "wiederholt fast wörtlich" in still
    assert "durch eine neuere Datei ersetzt" in words


def test_counted_and_not_counted_forms(release: Release) -> None:
    words = _text(_page(release, REPLACED))
    # 19 forms, one only opened, one the repetition of another.
    assert "17 Bögen zählen." in words
    assert "Nicht gezählt: ein nur geöffneter Bogen und ein doppelt abgeschickter Bogen." in words


def test_heat_map_equals_the_file(release: Release) -> None:
    counted = [
        form
        for form in forms()
        if form["id"] != "151" and any(value for name, value in form.items() if "[SQ" in name)
    ]
    assert len(counted) == 17
    shown = {row[0]: row[1] for row in _table(_page(release, REPLACED), "heat")[1:]}
    registry = PROJECT_ROOT / "data" / "reference" / "action_fields.csv"
    with registry.open(encoding="utf-8", newline="") as file:
        fields = {row["action_field"]: row["label_de"] for row in csv.DictReader(file)}
    assert list(shown) == list(fields.values())
    coloured = 0
    for field, label in fields.items():
        chosen = [form for form in counted if form[f"HF[{field}]"] == "Y"]
        cells = [
            value
            for form in chosen
            for name, value in form.items()
            if re.fullmatch(rf"{field}[A-Z]*\[SQ\d+\]", name)
        ]
        if not chosen:
            assert shown[label] == "nicht gewählt"
        else:
            share = sum(not value for value in cells) / len(cells)
            assert shown[label] == f"{100 * share:.0f} %"
            coloured += 1
    assert coloured >= 3


def test_few_respondents_are_withheld(release: Release) -> None:
    page = _page(release, FEW)
    words = _text(page)
    assert "weniger als 5 gezählte Bögen" in words
    assert "nennen wir für diese Welle keine Zahlen" in words
    (row,) = _table(page, "cards")[1:]
    assert row[3:6] == ["zu wenige"] * 3
    assert not _table(page, "heat")
    assert not _table(page, "compare")
    assert not re.search(r"(3|drei) (Bögen|Zeilen)", words)
    overview = (release.folder / "quality.html").read_text(encoding="utf-8")
    (line,) = (row for row in _table(overview, "matrix") if FEW in row[0])
    assert line.count("zu wenige") == 5
    (line,) = (row for row in _table(overview, "deliveries") if row[2] == "Konstanz")
    assert line.count("zu wenige") == 3


def test_withheld_forms_are_not_in_the_sum(release: Release) -> None:
    quality = release.manifest()["quality"]
    # Garbsen 17, Kaufbeuren 6, Rostock 6, Ludwigshafen 7; Konstanz's three would follow from a sum.
    assert quality["n_responses"] == 17 + 6 + 6 + 7
    assert quality["deliveries"] == {
        "loaded": 5,
        "partly_quarantined": 0,
        "quarantined": 1,
        "superseded": 1,
    }


def test_file_of_several_municipalities_shows_each_its_own(release: Release) -> None:
    for ags, number in ((SHARED, "6"), (SHARED_REPAIRED, "7")):
        page = _page(release, ags)
        (row,) = _table(page, "cards")[1:]
        assert row[0] == "Selbstcheck t0"
        assert row[3:6] == [number, number, "0"]
        assert "Datei mehrerer Kommunen" in row[2]
        assert "kB" not in row[2]
    assert "führende Null ergänzt" in _text(_page(release, SHARED_REPAIRED))
    assert "führende Null ergänzt" not in _text(_page(release, SHARED))


def test_place_names_row_column_and_our_name_of_it(release: Release) -> None:
    assert len(flawless()) > 7
    # Header, six forms of Rostock, the third of Ludwigshafen; the key stands in the tenth column.
    assert "Selbstcheck t0 · Zeile 10 · Spalte J „AGS“" in _text(_page(release, SHARED_REPAIRED))


def test_synthetic_data_are_marked(release: Release) -> None:
    assert "Beispieldaten." in _text(_page(release, REPLACED))
    assert "Beispieldaten." not in _text(_page(release, BROKEN))


def _noticed(count: int, *, about_person: bool, topic: str = "answer") -> list[object]:
    from weltoffen_etl.reports.partner.facts import Noticed

    return [
        Noticed(
            "a" * 64, True, "some_rule", topic, "warning", None, row, 3, "MS01",
            f"Der Wert „{row * 7}“ in Zeile {row} fehlt.", "look", "Bitte ansehen", 6, 1,
            about_person, "Der Wert „{value}“ in Zeile {row} fehlt.",
        )
        for row in range(2, 2 + count)
    ]  # fmt: skip


def test_rules_about_persons_are_counted_and_not_located() -> None:
    from weltoffen_etl.reports.partner.places import grouped

    (group,) = grouped(_noticed(4, about_person=True), {}, lambda _: False, str)  # type: ignore[arg-type]
    (notice,) = group.notices
    assert (group.count, notice.places, notice.all_places) == (4, (), ())
    assert notice.sentence == "Der Wert „…“ in Zeile … fehlt."


@pytest.mark.parametrize("topic", ["answer", "delivery"])
def test_of_few_forms_neither_number_nor_place_is_told(topic: str) -> None:
    from datetime import UTC, datetime

    from weltoffen_etl.reports.partner.facts import Delivery
    from weltoffen_etl.reports.partner.places import grouped

    small = Delivery(
        "a" * 64, 1, "selfcheck", ("t0",), None, "whole", 1, datetime.now(UTC), "csv",
        is_synthetic=False, is_readable=True, is_shared=False, superseded_by=None, settled=False,
        taken=3, kept_back=0,
    )  # fmt: skip
    findings = _noticed(3, about_person=False, topic=topic)
    (group,) = grouped(findings, {"a" * 64: small}, lambda _: True, str)  # type: ignore[arg-type]
    (notice,) = group.notices
    assert (group.count, notice.places, notice.all_places) == (1, (), ())
    assert notice.sentence == "Der Wert „…“ in Zeile … fehlt."
    assert "zu wenige" in (notice.remark or "")


def test_long_lists_are_shortened_and_complete_below() -> None:
    from weltoffen_etl.reports.partner.places import grouped

    (group,) = grouped(_noticed(30, about_person=False), {}, lambda _: False, str)  # type: ignore[arg-type]
    (notice,) = group.notices
    assert len(notice.places) == 6
    assert notice.more == 24
    assert notice.all_places[0] == "Datei · Zeile 2 · Spalte C „MS01“: „14“"
    assert notice.all_places[-1] == "Datei · Zeile 31 · Spalte C „MS01“: „217“"
    assert len(notice.all_places) == 30


def test_equal_findings_of_many_rows_share_a_line() -> None:
    from weltoffen_etl.reports.partner.places import grouped

    findings = [
        replace(x, message="Fehlt.", says="Fehlt.") for x in _noticed(30, about_person=False)
    ]  # type: ignore[type-var]
    (group,) = grouped(findings, {}, lambda _: False, str)  # type: ignore[arg-type]
    (notice,) = group.notices
    assert notice.places == ("Datei · Zeilen 2–13 … · Spalte C „MS01“",)
    assert notice.all_places == ("Datei · Zeilen 2–31 · Spalte C „MS01“",)
    assert notice.more == 18


def test_german_numbers_dates_and_plurals() -> None:
    from datetime import UTC, date, datetime

    from weltoffen_etl.reports.pages import german

    assert german.whole(1234567) == "1.234.567"
    assert german.decimal(1234.56) == "1.234,6"
    assert german.percent(0.125, 1) == "12,5\u00a0%"
    assert german.percent(0.003) == "unter 1\u00a0%"
    assert german.percent(0.0) == "0\u00a0%"
    assert german.percent(None) == "–"
    assert german.day(date(2025, 3, 1)) == "1.\u00a0März 2025"
    assert german.moment(datetime(2025, 7, 1, 22, 30)) == "02.07.2025, 00:30\u00a0Uhr"  # noqa: DTZ001
    assert german.moment(datetime(2025, 1, 1, 12, 0, tzinfo=UTC)) == "01.01.2025, 13:00\u00a0Uhr"
    assert german.size(61102) == "61,1\u00a0kB"
    assert german.counted(1, "eine Zeile", "Zeilen") == "eine Zeile"
    assert german.counted(1000, "eine Zeile", "Zeilen") == "1.000\u00a0Zeilen"
    assert german.listed(["a", "b", "c"]) == "a, b und c"
    assert german.ranges([4, 2, 3, 9]) == ["2–4", "9"]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_of_text_has_contrast() -> None:
    styles = STYLES.read_text(encoding="utf-8")
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    pairs = re.findall(r"\.heat-(\w+) \{ background: (#\w{6}); color: (#\w{6})", styles)
    assert [name for name, _, _ in pairs] == ["0", "1", "2", "3", "4", "none"]
    for name, ground, ink in pairs:
        assert _contrast(ground, ink) >= 4.5, name
    light = [_luminance(ground) for name, ground, _ in pairs if name != "none"]
    assert light == sorted(light, reverse=True)
    palettes = [
        dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in styles.split("color-scheme: dark")
    ]
    for palette in palettes:
        for ink in ("ink", "quiet", "accent", "good", "look", "help", "waiting"):
            for ground in ("paper", "band"):
                assert _contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)


def test_command_names_and_copies_the_report(night: Settings, tmp_path: Path) -> None:
    at = ["--data-dir", str(night.data_dir)]
    named = CliRunner().invoke(main, ["report", CLEAN, *at])
    assert named.exit_code == 0, named.output
    assert Path(named.output.strip()).name == f"{CLEAN}.html"
    copy = tmp_path / "bericht.html"
    assert CliRunner().invoke(main, ["report", CLEAN, "--out", str(copy), *at]).exit_code == 0
    assert copy.read_bytes() == Path(named.output.strip()).read_bytes()
    wrong = CliRunner().invoke(main, ["report", "../quality", *at])
    assert wrong.exit_code == 1
    assert "gibt es keinen Bericht" in wrong.output


@pytest.mark.slow
def test_missing_pdf_library_is_told_in_german(
    night: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PublicationError, match="uv sync --extra pdf"):
        pdf_of("<!DOCTYPE html><title>x</title>")
    before = current_release(night)
    record = run_night(night.model_copy(update={"pdf_reports": True}))
    assert record.outcome == "audit_failed"
    assert "WeasyPrint ist nicht benutzbar" in record.failures[0]
    assert current_release(night) == before


@pytest.mark.slow
def test_second_release_has_pdfs_the_same_pages_and_a_trend(
    night: Settings, release: Release
) -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    overview = (release.folder / "quality.html").read_text(encoding="utf-8")
    assert "nichts, womit er sich vergleichen ließe" in overview
    record = run_night(night.model_copy(update={"pdf_reports": True}))
    assert record.outcome == "published", record.failures
    second = current_release(night)
    assert second is not None
    assert second.name != release.name
    for file in sorted((release.folder / "reports").glob("*.html")):
        pdf = (second.folder / "reports" / file.name).with_suffix(".pdf")
        assert pdf.read_bytes().startswith(b"%PDF-")
        pages = [_without_time(_page(x, file.stem), x) for x in (release, second)]
        assert (
            hashlib.sha256(pages[0].encode()).digest() == hashlib.sha256(pages[1].encode()).digest()
        )
    later = (second.folder / "quality.html").read_text(encoding="utf-8")
    rows = _table(later, "trend")[1:]
    assert [row[0] for row in rows] == [release.name, second.name]
    assert rows[0][1:] == rows[1][1:]
    assert rows[1][4] == "36"
    assert len(re.findall(r"<polyline", later)) == 5
    html5lib.HTMLParser(strict=True).parse(later)


def _without_time(page: str, release: Release) -> str:
    plain = page.replace(release.name, "")
    return re.sub(r"veröffentlicht am [^U]*Uhr", "", plain)
