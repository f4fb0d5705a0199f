"""Guide, licence, citation, and ``publication.yml`` behind them."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.distribution.small import MANIFEST
from weltoffen_etl.distribution.about import AboutError, edition, load_about
from weltoffen_etl.distribution.texts import citation, guide, licence
from weltoffen_etl.reports.usage import usage
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import reference_version
from weltoffen_etl.warehouse.inputs import inputs_version

CONTENT: dict[str, Any] = {
    "title": "Titel: *eins* & <zwei>",
    "description": "Was es ist.",
    "publishers": [{"name": "Erste Stelle", "path": "https://example.org"}, {"name": "Zweite"}],
    "contact": {"name": "Büro", "email": "buero@example.org", "note": "Gern."},
    "licence": {"name": "CC-BY-4.0", "title": "CC BY 4.0", "text": "Namensnennung.", "path": "https://creativecommons.org/licenses/by/4.0/"},
    "keywords": ["eins", "zwei"],
    "citation": "{publishers} ({year}): {title}, {release}, {day}",
}  # fmt: skip

CFF_KEYS = {
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers",
    "keywords", "license", "license-url", "message", "preferred-citation", "references",
    "repository", "repository-artifact", "repository-code", "title", "type", "url", "version",
}  # fmt: skip
"""All keys of the Citation File Format 1.2.0."""
CFF_ENTITY_KEYS = {
    "address", "alias", "city", "country", "date-end", "date-start", "email", "fax", "location",
    "name", "orcid", "post-code", "region", "tel", "website",
}  # fmt: skip


def write(folder: Path, content: object) -> Path:
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    (folder / "publication.yml").write_text(text, encoding="utf-8")
    return folder


def without(*path: str) -> dict[str, Any]:
    return {key: value for key, value in CONTENT.items() if key not in path}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (without("licence"), "licence fehlt"),
        (CONTENT | {"title": ""}, "title ist leer"),
        (CONTENT | {"title": "zwei\nZeilen"}, "title hat einen Zeilenumbruch"),
        (CONTENT | {"titel": "x"}, "titel diese Angabe gibt es hier nicht"),
        (CONTENT | {"publishers": []}, "publishers braucht mindestens einen Eintrag"),
        (CONTENT | {"publishers": "PHINEO"}, "publishers ist keine Liste"),
        (CONTENT | {"contact": "Büro"}, "contact ist keine Gruppe von Angaben"),
        (CONTENT | {"contact": {"name": "B", "email": "B"}}, "contact → email ist keine E-Mail-Adresse"),
        (CONTENT | {"publishers": [{"name": "E", "path": "javascript:alert(1)"}]}, "publishers → 0 → path ist keine Adresse, die mit https:// beginnt"),
        (CONTENT | {"licence": CONTENT["licence"] | {"name": "mit Leerzeichen"}}, "licence → name hat Zeichen, die eine Kennung nicht hat"),
        (CONTENT | {"citation": "{title.__class__}, {release}"}, "citation {title.__class__} gibt es nicht"),
        (CONTENT | {"citation": "{titel}, {release}"}, "citation {titel} gibt es nicht"),
        (CONTENT | {"citation": "{title}"}, "citation {release} fehlt: Ein Zitat nennt den Stand"),
        (CONTENT | {"citation": "{title"}, "citation eine geschweifte Klammer fehlt"),
        ("title: [", "publication.yml ist kein lesbares YAML"),
        ("", "publication.yml: Datei ist keine Gruppe von Angaben"),
        ("title: a\ntitle: b", "doppelt angegeben: title"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_german(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(AboutError, match=re.escape(says)):
        load_about(write(tmp_path, content))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(AboutError, match=r"publication\.yml fehlt in"):
        load_about(tmp_path)


def test_a_change_is_a_change_of_the_reference_data(tmp_path: Path) -> None:
    first = reference_version(write(tmp_path, CONTENT))
    assert reference_version(write(tmp_path, CONTENT | {"title": "anders"})) != first


def cff(reference_dir: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(citation(edition(reference_dir, MANIFEST)))
    return content


@pytest.mark.parametrize("ours", [True, False])
def test_citation_is_a_valid_citation_file(tmp_path: Path, *, ours: bool) -> None:
    content = cff(Settings().reference_dir if ours else write(tmp_path, CONTENT))
    assert content.keys() <= CFF_KEYS
    assert {"cff-version", "message", "title", "authors"} <= content.keys()
    assert content["cff-version"] == "1.2.0"
    assert content["type"] == "dataset"
    assert content["version"] == MANIFEST["release"]
    assert content["date-released"] == date(2025, 1, 2)
    assert content["authors"]
    for entity in [*content["authors"], *content.get("contact", [])]:
        assert "name" in entity
        assert entity.keys() <= CFF_ENTITY_KEYS
    assert len(set(content["keywords"])) == len(content["keywords"])


def test_citation_says_what_is_in_the_file(tmp_path: Path) -> None:
    content = cff(write(tmp_path, CONTENT))
    assert content["title"] == CONTENT["title"]
    assert content["authors"] == [
        {"name": "Erste Stelle", "website": "https://example.org"},
        {"name": "Zweite"},
    ]
    assert content["contact"] == [{"name": "Büro", "email": "buero@example.org"}]
    assert content["license-url"] == CONTENT["licence"]["path"]


def test_the_day_is_that_in_germany(tmp_path: Path) -> None:
    late = MANIFEST | {"published_at": "2024-12-31T23:30:00+00:00"}
    released = edition(write(tmp_path, CONTENT), late)
    assert released.citation.endswith(
        "Erste Stelle und Zweite (2025): Titel: *eins* & <zwei>, 20250102T030405Z, 1. Januar 2025"
    )
    assert yaml.safe_load(citation(released))["date-released"] == date(2025, 1, 1)


def test_texts_show_what_is_meant_and_nothing_else(tmp_path: Path) -> None:
    released = edition(write(tmp_path, CONTENT), MANIFEST)
    for text in (guide(released, Settings()), licence(released)):
        assert r"Titel: \*eins\* &amp; &lt;zwei>" in text
        assert "Namensnennung." in text
        assert "Büro (<buero@example.org>). Gern." in text


def test_guide_names_only_what_is_there() -> None:
    released = edition(Settings().reference_dir, MANIFEST)
    for there in (True, False):
        text = guide(released, Settings(excel_csv=there, partner_databases=there))
        assert ("weltoffen-csv-excel.zip" in text) == there
        assert ("`partners/`" in text) == there


def test_a_release_with_csv_for_excel_is_another_release(tmp_path: Path) -> None:
    absent = tmp_path / "warehouse.duckdb"
    without_it, with_it = (
        inputs_version(Settings(data_dir=tmp_path, excel_csv=there), absent)
        for there in (False, True)
    )
    assert without_it != with_it


def test_guide_warns_of_invented_data_where_there_are_any() -> None:
    for synthetic in (True, False):
        manifest = MANIFEST | {"contains_synthetic_data": synthetic}
        text = guide(edition(Settings().reference_dir, manifest), Settings())
        assert ("Erfundene Daten" in text) == synthetic
        for rule in usage(manifest)[0]:
            assert f"**{rule.title}.**" in text


def test_licence_names_what_was_taken_from_the_statistical_office() -> None:
    text = licence(edition(Settings().reference_dir, MANIFEST))
    assert "Statistisches Bundesamt (Destatis)" in text
    assert "https://www.govdata.de/dl-de/by-2-0" in text
    assert "Weitergabe nach Absprache" in text


def test_every_word_for_a_withheld_value_is_explained() -> None:
    from weltoffen_etl.catalog import tables

    used = {
        word
        for table in tables().values()
        if table.publish
        for column in table.columns
        if column.name == "withheld_because" and isinstance(column.allowed, tuple)
        for word in column.allowed
    }
    assert {word.word for word in usage(MANIFEST)[1]} == used
