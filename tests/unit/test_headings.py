"""Headings resolve by code, text, code and text, or an order that proves them."""

from weltoffen_etl.exports.surveys.headings import Candidate, resolve

QUESTIONS = [
    Candidate("id", "response_id", (("Antwort ID", ""),)),
    Candidate("A[1]", "item", (("Wie sehr trifft das auf uns zu?", "Es gibt ein Leitbild."),)),
    Candidate("A[2]", "item", (("Wie sehr trifft das auf uns zu?", "Es gibt ein Konzept."),)),
    Candidate("B", "comment", (("Möchten Sie etwas sagen?", ""),)),
    Candidate("C", "comment", (("Möchten Sie noch etwas sagen?", ""),)),
]


def _codes(headings: list[str]) -> list[str | None]:
    return [column.source_code for column in resolve(headings, QUESTIONS)]


def test_styles() -> None:
    assert _codes(["id", "A[1]", "A_2"]) == ["id", "A[1]", "A[2]"]
    assert _codes(
        ["Antwort\u00a0ID", "Wie sehr trifft das auf uns zu? [Es gibt ein Konzept.]"]
    ) == ["id", "A[2]"]
    assert _codes(
        ["id. Antwort ID", "A[1]. Wie sehr trifft das auf uns zu? [Es gibt ein Leitbild.]"]
    ) == ["id", "A[1]"]


def test_colliding_headings_resolve_where_order_proves_them() -> None:
    cut = [
        "Antwort ID",
        "Wie sehr t..  [Es gibt ein ..]",
        "Wie sehr t..  [Es gibt ein ..]",
        "Möchten Sie..",
        "Möchten Sie..",
    ]
    columns = resolve(cut, QUESTIONS)
    assert [column.source_code for column in columns] == ["id", "A[1]", "A[2]", "B", "C"]
    assert [column.resolved_by for column in columns][1:] == ["order"] * 4


def test_colliding_heading_without_proof_is_reported() -> None:
    (column,) = resolve(["Möchten Sie.."], QUESTIONS)
    assert column.resolved_by == "ambiguous"
    assert column.source_code is None


def test_order_is_no_proof_in_a_rearranged_file() -> None:
    columns = resolve(["B", "A[1]", "Möchten Sie noch.."], QUESTIONS)
    assert [column.source_code for column in columns] == ["B", "A[1]", "C"]
    moved = resolve(["B", "id", "Wie sehr t..  [Es gibt ein ..]"], QUESTIONS)
    assert moved[2].resolved_by == "ambiguous"


def test_unknown_heading_is_unknown() -> None:
    (column,) = resolve(["Schuhgröße"], QUESTIONS)
    assert (column.role, column.resolved_by) == ("unknown", "none")
