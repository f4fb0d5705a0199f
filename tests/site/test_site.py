"""The site says what the database says, in words where nothing is said, and nothing else runs."""

import json
import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from tests.site.release import FEW, PAYLOADS, Built, make_release, with_site
from weltoffen_etl.reports.comparison.figure import as_json
from weltoffen_etl.reports.comparison.vega import vega

ELSEWHERE = {"fragen.html", "dictionary.html"}
"""Pages of a release that others write."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return make_release(tmp_path_factory.mktemp("site"))


@cache
def page(file: Path) -> Element:
    """A page as HTML parsers of browsers read it; a page that is not sound HTML is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    found: Element = parser.parse(file.read_text(encoding="utf-8"))
    return found


def pages(built: Built) -> list[Path]:
    return sorted(built.site.rglob("*.html"))


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_id(root: Element, name: str) -> Element:
    return next(x for x in root.iter() if x.get("id") == name)


def table_of(root: Element, name: str) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the table with an id, or of the one in the figure with it."""
    place = by_id(root, name)
    table = place if place.tag == "table" else next(place.iter("table"))
    headings = [text(x) for x in table.find("thead").iter("th")]  # type: ignore[union-attr]
    body = table.find("tbody")
    assert body is not None
    return headings, [[text(x) for x in row] for row in body.findall("tr")]


def german(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace(".", ",")


def test_there_is_a_page_for_each_field_and_each_municipality(built: Built) -> None:
    expected = {"index.html", "prozess.html", "methode.html"}
    expected |= {
        f"felder/{x}.html" for (x,) in built.rows("SELECT action_field FROM reference.action_field")
    }
    expected |= {
        f"kommunen/{x}.html" for (x,) in built.rows("SELECT ags FROM reference.municipality")
    }
    assert {x.relative_to(built.site).as_posix() for x in pages(built)} == expected


def test_pages_are_sound_and_run_only_their_own_files(built: Built) -> None:
    for file in pages(built):
        root = page(file)
        policy = [x for x in root.iter("meta") if x.get("http-equiv") == "Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'" in policy[0].get("content", "")
        for element in root.iter():
            names = element.attrib.keys()
            assert not [x for x in names if x.startswith("on") or x == "style"], element.attrib
            if element.tag == "script" and element.get("type") != "application/json":
                assert re.fullmatch(r"(\.\./)?assets/\w+\.js", element.get("src", ""))
                assert not element.text
            assert element.tag not in {"img", "iframe", "object", "style", "base"}


def test_links_lead_somewhere(built: Built) -> None:
    ids = {x.resolve(): {e.get("id") for e in page(x).iter()} for x in pages(built)}
    seen = 0
    for file in pages(built):
        for element in page(file).iter():
            address = element.get("href") or (
                element.get("src") if element.tag == "script" else None
            )
            if address is None:
                continue
            way, _, anchor = address.partition("#")
            target = (file.parent / way).resolve() if way else file.resolve()
            if target.name in ELSEWHERE:
                continue
            assert target.is_file(), f"{file.name}: {address}"
            assert not anchor or anchor in ids[target], f"{file.name}: {address}"
            seen += 1
    assert seen > 500


def test_a_municipality_is_linked_to_its_delivery_report_where_there_is_one(built: Built) -> None:
    for file in (built.site / "kommunen").glob("*.html"):
        has_link = f'href="../../reports/{file.name}"' in file.read_text(encoding="utf-8")
        assert has_link == (built.folder / "reports" / file.name).is_file()


def test_the_matrix_says_what_the_database_says(built: Built) -> None:
    headings, rows = table_of(page(built.site / "index.html"), "matrix")
    fields = built.rows(
        "SELECT action_field, label_de FROM reference.action_field ORDER BY position"
    )
    assert headings[3:] == [label for _, label in fields]
    truth = {
        (ags, wave, field): rest
        for ags, wave, field, *rest in built.rows(
            "SELECT coverage.ags, wave, action_field, has_delivered, mean, sd, n_respondents "
            "FROM comparison.coverage LEFT JOIN comparison.action_field_score USING (ags, wave, action_field)"
        )
    }
    seen = 0
    for ags, _, wave, *cells in rows:
        if len(cells) == 1:
            assert cells == ["nicht geliefert"]
            assert not any(truth[ags, wave, field][0] for field, _ in fields)
            continue
        for (field, _), cell in zip(fields, cells, strict=True):
            _, mean, sd, n = truth[ags, wave, field]
            if mean is None:
                assert not re.search(r"\d", cell)
                assert cell in {
                    "nicht gewählt",
                    "zurückgehalten",
                    "zu wenig beantwortet",
                    "nicht geliefert",
                }
            else:
                assert cell.startswith(f"{german(mean)}± {german(sd)} · {n}")
                seen += 1
    assert seen == built.rows("SELECT count(mean) FROM comparison.action_field_score")[0][0] > 10


def test_a_wave_of_too_few_forms_is_words_everywhere(built: Built) -> None:
    (row,) = [
        x
        for x in table_of(page(built.site / "index.html"), "matrix")[1]
        if x[0] == FEW and x[2] == "t0"
    ]
    assert not any(re.search(r"\d", cell) for cell in row[3:])
    told = text(page(built.site / "kommunen" / f"{FEW}.html"))
    assert "drei" not in told
    assert not re.search(r"\b3 Bögen", told)


def test_figures_of_a_field_equal_the_database(built: Built) -> None:
    for (field,) in built.rows("SELECT action_field FROM reference.action_field"):
        root = page(built.site / "felder" / f"{field}.html")
        headings, rows = table_of(root, "verteilung")
        assert headings == [
            "AGS", "Kommune", "Welle", "Bögen", "Antworten", "Wert 1", "Wert 2", "Wert 3",
            "Wert 4", "beantwortet", "Mittelwert", "Standardabweichung", "Hinweis",
        ]  # fmt: skip
        truth = built.rows(
            "SELECT ags, wave, n_respondents, n_answers, n_1, n_2, n_3, n_4, mean, sd "
            f"FROM comparison.action_field_score WHERE action_field = '{field}' ORDER BY ags, wave"
        )
        delivered = [x for x in rows if x[12] != "nicht geliefert"]
        assert [(x[0], x[2]) for x in delivered] == [(x[0], x[1]) for x in truth]
        for shown, (_, _, *counts, mean, sd) in zip(delivered, truth, strict=True):
            assert shown[3:9] == ["–" if x is None else str(x) for x in counts]
            assert shown[10:12] == [german(mean), german(sd)]
            assert (shown[12] == "–") == (mean is not None)


def test_bands_and_changes_equal_the_database(built: Built) -> None:
    root = page(built.site / "kommunen" / "09762000.html")
    _, bands = table_of(root, "baender")
    truth = built.rows(
        "SELECT wave, mean, n_peers, peer_mean, peer_sd FROM comparison.benchmark "
        "WHERE ags = '09762000' AND part_kind = 'field'"
    )
    told = sorted((x[1], x[4], x[5], x[6], x[7]) for x in bands)
    assert told == sorted((w, german(m), str(n), german(p), german(s)) for w, m, n, p, s in truth)
    _, changes = table_of(root, "veraenderung")
    truth = built.rows(
        "SELECT change, ci_low, ci_high FROM comparison.wave_change WHERE ags = '09762000'"
    )
    assert sorted(x[8:11] for x in changes) == sorted([german(y) for y in x] for x in truth)
    assert len(changes) == 7


def test_strengths_are_those_of_the_database_in_the_order_of_the_questionnaire(
    built: Built,
) -> None:
    root = page(built.site / "kommunen" / "03241005.html")
    told = [
        re.findall(r"\b([A-Z]{2}\d\d)(?: umgepolt)? · ", text(block))
        for block in root.iter("div")
        if block.get("data-wave")
    ]
    truth = [
        [item for (item,) in built.rows(
            "SELECT item_code FROM comparison.item_profile AS profile "
            "JOIN reference.item AS item USING (item_code) "
            "JOIN reference.action_field AS field ON field.action_field = profile.action_field "
            f"WHERE ags = '03241005' AND wave = '{wave}' AND profile = '{side}' "
            "ORDER BY field.position, item.position"
        )]
        for wave in ("t0", "t1")
        for side in ("strength", "weakness")
    ]  # fmt: skip
    assert told == [x for x in truth if x]
    assert sum(map(len, told)) > 5


def test_nothing_is_ordered_by_a_figure(built: Built) -> None:
    for file in pages(built):
        for table in page(file).iter("table"):
            keys = [row.get("data-ags") for row in table.iter("tr") if row.get("data-ags")]
            assert keys == sorted(keys, key=str)
        for button in page(file).iter("button"):
            assert button.get("data-sort") in {None, "ags", "name"}


def test_the_data_of_a_figure_is_that_of_its_table(built: Built) -> None:
    seen = 0
    for file in pages(built):
        for figure in page(file).iter("figure"):
            (script,) = figure.iter("script")
            assert script.text
            assert "<" not in script.text
            data = json.loads(script.text)
            shown = [label for _, label, form in data["columns"] if form != "hidden"]
            headings, rows = table_of(page(file), figure.get("id", ""))
            assert [" ".join(x.split()) for x in shown] == headings
            assert len(rows) == len(data["rows"])
            assert text(next(figure.iter("figcaption")))
            seen += 1
    assert seen > 50


def test_no_figure_counts_nothing_for_what_is_withheld(built: Built) -> None:
    withheld = 0
    for file in pages(built):
        for figure in page(file).iter("figure"):
            data = json.loads(next(figure.iter("script")).text or "")
            columns = [key for key, _, _ in data["columns"]]
            for row in (dict(zip(columns, x, strict=True)) for x in data["rows"]):
                if row["said"] == "zurückgehalten":
                    withheld += 1
                    told = [row[x] for x in ("mean", "change", "n", "n_answers") if x in row]
                    assert all(x is None for x in told), row
    assert withheld > 0


def test_names_are_text_and_never_code(built: Built) -> None:
    for label in PAYLOADS.values():
        (ags,) = built.rows(
            "SELECT ags FROM reference.municipality WHERE label_de = '" + label + "'"
        )[0]
        root = page(built.site / "kommunen" / f"{ags}.html")
        assert text(next(root.iter("h1"))) == label
        assert label in text(by_id(page(built.site / "index.html"), "verzeichnis"))
    for file in pages(built):
        assert "<img" not in file.read_text(encoding="utf-8")


def test_data_cannot_close_its_script_element() -> None:
    hostile = "</script><!--<script>&\u2028'"
    written = str(as_json([hostile]))
    assert not re.search(r"[<>&']", written)
    assert json.loads(written) == [hostile]


def test_every_published_column_is_defined(built: Built) -> None:
    root = page(built.site / "methode.html")
    for table, column, said in built.rows(
        'SELECT "table", "column", description FROM meta."column"'
    ):
        told = [[text(x) for x in row] for row in by_id(root, table).iter("tr")]
        assert [column, " ".join(said.split())] in [[x[0], x[3]] for x in told]


def test_what_draws_brings_its_licence(built: Built) -> None:
    script = (built.site / "assets" / "vega.js").read_text(encoding="utf-8")
    notice = script.partition("*/")[0]
    assert "Redistributions in binary form must reproduce the above copyright notice" in notice
    assert "University of Washington Interactive Data Lab" in notice


def test_the_same_release_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    vega.cache_clear()
    again = with_site(built.settings, built.folder, tmp_path / "again")
    files = {
        x.relative_to(built.site): x.read_bytes() for x in built.site.rglob("*") if x.is_file()
    }
    others = {
        x.relative_to(again.site): x.read_bytes() for x in again.site.rglob("*") if x.is_file()
    }
    assert files == others
