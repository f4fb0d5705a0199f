"""The file of corrections is read strictly, and numbers are scaled exactly."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corrections import REFERENCE, reference_with
from weltoffen_etl.corrections import CorrectionError, load_corrections, matching
from weltoffen_etl.deliveries.places import Registry, common_place, folders_of
from weltoffen_etl.interpret.correction import scaled

OVERRIDE = {
    "id": "eins",
    "place": "03241005/t1/selfcheck",
    "response": "112",
    "column": "AGS",
    "action": "override",
    "value": "03241005",
    "expect": "08335043",
}
SCALE = {
    "id": "zwei",
    "file": "0123456789ab",
    "column": "jahre",
    "action": "scale",
    "factor": "0.5",
    "expect": {"min": "1", "max": "9"},
}
DROP = {
    "id": "drei",
    "place": "_multi/t0",
    "row": "4",
    "action": "drop",
    "expect": {"AGS": "", "id": "7"},
}


def test_the_committed_file_is_empty_and_its_example_is_valid(tmp_path: Path) -> None:
    assert load_corrections(REFERENCE) == ()
    text = (REFERENCE / "corrections.yml").read_text(encoding="utf-8")
    example = text.split("Beispiel / example:\n")[1].splitlines()
    lines = [line.removeprefix("#   ") for line in example if line.startswith("#   ")]
    (tmp_path / "corrections.yml").write_text("\n".join(lines), encoding="utf-8")
    assert [x.action for x in load_corrections(tmp_path)] == ["override", "drop", "scale"]


def test_a_folder_without_the_file_has_no_corrections(tmp_path: Path) -> None:
    assert load_corrections(tmp_path) == ()


def test_keys_keep_their_zero_and_their_order(tmp_path: Path) -> None:
    loaded = load_corrections(reference_with(tmp_path, OVERRIDE, SCALE, DROP))
    assert [x.id for x in loaded] == ["eins", "zwei", "drei"]
    assert loaded[0].expect == "08335043"
    assert loaded[2].expect == {"AGS": "", "id": "7"}


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (OVERRIDE | {"reason": ""}, "„eins“ (Eintrag 1): reason: ist leer"),
        (OVERRIDE | {"said_on": "gestern"}, "said_on ist ein Tag wie 2025-11-03"),
        (OVERRIDE | {"said_on": "2026-02-31"}, "said_on: ist kein Tag wie 2025-11-03"),
        (OVERRIDE | {"colour": "x"}, "colour: diese Angabe gibt es hier nicht"),
        (OVERRIDE | {"factor": "2"}, "factor: diese Angabe gibt es hier nicht"),
        (OVERRIDE | {"file": "0123456789ab"}, "entweder file oder place"),
        (OVERRIDE | {"place": "03241005/t1"}, "place ist ein Ordner im Eingang"),
        (OVERRIDE | {"row": "3"}, "response steht allein"),
        (OVERRIDE | {"value": "08335043"}, "es gäbe nichts zu berichtigen"),
        (OVERRIDE | {"action": "delete"}, "action ist override, drop oder scale"),
        (OVERRIDE | {"id": "a b"}, "id: besteht aus Buchstaben"),
        ({"id": "x"}, "„x“ (Eintrag 1): action fehlt"),
        (SCALE | {"factor": "0,5"}, "factor: ist keine Zahl mit Punkt"),
        (SCALE | {"factor": "1"}, "factor ist eine Zahl außer 0 und 1"),
        (SCALE | {"expect": "5"}, "für eine ganze Spalte"),
        (SCALE | {"row": "3"}, "für eine Zelle der Text"),
        (SCALE | {"file": "0123"}, "mindestens 12 ihrer Ziffern"),
        (DROP | {"expect": {}}, "mindestens eine Spalte"),
        (DROP | {"row": "0"}, "row: ist eine Zahl ab 1"),
        (DROP | {"row": "vier"}, "row: ist keine ganze Zahl"),
    ],
)
def test_a_malformed_entry_is_named(tmp_path: Path, entry: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CorrectionError) as error:
        load_corrections(reference_with(tmp_path, entry))
    assert sentence in str(error.value)
    assert str(error.value).startswith("corrections.yml, Berichtigung „")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- id: eins", "genau eine Angabe"),
        ("corrections: eins", "keine Liste"),
        ("corrections: [eins]", "Eintrag 1: ist keine Liste von Angaben"),
        ("corrections: [{id: eins, id: zwei}]", "doppelt angegeben: id"),
        ("corrections: [", "kein gültiges YAML"),
        ("", "genau eine Angabe"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "corrections.yml").write_text(text, encoding="utf-8")
    with pytest.raises(CorrectionError, match=sentence):
        load_corrections(tmp_path)


def test_an_id_and_a_cell_stand_once(tmp_path: Path) -> None:
    with pytest.raises(CorrectionError, match=r"„eins“ .* nennt bereits dieselbe id"):
        load_corrections(reference_with(tmp_path, OVERRIDE, SCALE | {"id": "eins"}))
    with pytest.raises(CorrectionError, match=r"„zwei“ .*„eins“ nennt bereits dieselbe Stelle"):
        load_corrections(reference_with(tmp_path, OVERRIDE, OVERRIDE | {"id": "zwei"}))


def test_a_correction_belongs_to_a_hash_or_a_folder(tmp_path: Path) -> None:
    reference = reference_with(tmp_path, OVERRIDE, SCALE | {"file": "0123456789AB"}, DROP)
    loaded = load_corrections(reference)
    registry = Registry(reference)

    def ids(paths: list[str], delivery_id: str = "f" * 64) -> list[str]:
        place, _ = common_place(paths, registry)
        return [x.id for x in matching(loaded, delivery_id, folders_of(place, "selfcheck"))]

    assert ids(["03241005/t1/selfcheck/x.csv"]) == ["eins"]
    assert ids(["03241005/t0/selfcheck/x.csv"]) == []
    assert ids(["03241005/t0/selfcheck/x.csv"], "0123456789ab" + "0" * 52) == ["zwei"]
    assert ids(["_multi/t1/x.csv", "_multi/t0/x.csv"]) == ["drei"]
    assert ids(["_multi/x.csv"]) == []


@given(
    number=st.decimals(-(10**30), 10**30, allow_nan=False, allow_infinity=False, places=4),
    factor=st.decimals("0.001", 1000, allow_nan=False, allow_infinity=False, places=3),
    comma=st.booleans(),
    blanks=st.sampled_from(["", " ", "\t"]),
)
def test_scaling_is_exact(number: Decimal, factor: Decimal, comma: bool, blanks: str) -> None:
    text = f"{number:f}"
    product = scaled(blanks + (text.replace(".", ",") if comma else text), factor)
    assert product is not None
    assert ("," in product, "." in product).count(True) <= 1
    assert Fraction(product.replace(",", ".")) == Fraction(number) * Fraction(factor)


@given(st.text(max_size=8))
def test_only_plain_numbers_are_scaled(text: str) -> None:
    product = scaled(text, Decimal(3))
    try:
        number = Fraction(text.strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        assert product is None
        return
    if product is not None:
        assert Fraction(product.replace(",", ".")) == number * 3


@pytest.mark.parametrize("text", ["1.200", "1,200", "12 Personen", "1e3", "IIII", "", "٣", "½"])
def test_what_is_no_plain_number_is_not_scaled(text: str) -> None:
    assert scaled(text, Decimal(10)) is None
