"""The reference folder of the fixtures: further questionnaires, and legends of boards."""

from pathlib import Path

from tests import own_survey
from tests.questionnaires import AGREEMENT, COLUMNS, OPTIONS, QUESTIONS, SCALE, keep, questionnaire

BOARD = "08335043/workshops/2025-06-03"
"""Folder of a workshop whose boards have a legend."""
WITHOUT_LEGEND = "07314000/workshops/2025-10-01"
"""Folder of a workshop without one."""

_LEGENDS = """
workshops:
  "08335043/2025-06-03":
    colours:
      "#FFF9B1": {guiding_question: strength, action_field: MS}
      "#FF9D48": {guiding_question: need, action_field: MS}
    areas:
      Gruppe 2: {action_field: EB}
    sections:
      Orte: {guiding_question: need, action_field: ZB}
    questions:
      Wo drückt der Schuh?: {guiding_question: need, action_field: KK}
    ignored: {texts: [Legende]}
  "09762000/2025-05-20":
    whole_board: {guiding_question: need, action_field: EB}
"""
DIALOGUE = "09762000/workshops/2025-05-20"
"""Folder of a workshop of which everything has the same meaning."""


def reference_of(folder: Path) -> Path:
    """Copies the project's reference folder and adds what the fixtures need."""
    own_survey.reference_with_own_survey(own_survey.make(), folder)
    for tool, options in (
        ("microsoft_forms", OPTIONS),
        ("qualtrics", {"1": "AW", "2": "FZ", "12": "MS"}),
        ("kobo", {"aw": "AW", "fz": "FZ"}),
    ):
        facts = {
            "tool": tool,
            "scales": {"agreement": SCALE},
            "values": {"felder": options},
            "columns": COLUMNS,
        }
        keep(folder, tool, questionnaire(tool, QUESTIONS, AGREEMENT), facts)
    (folder / "workshop_boards.yml").write_text(_LEGENDS, encoding="utf-8")
    return folder
