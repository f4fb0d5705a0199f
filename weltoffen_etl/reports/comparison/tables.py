"""What the site shows: every table is read once from the release's database, for all pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from weltoffen_etl.database import Connection
from weltoffen_etl.reports.overview.figures import Row, rows

_SUB_THEMES = (
    "SELECT action_field, sub_theme, min(position) AS position FROM reference.item GROUP BY ALL"
)
"""Where each sub-theme stands in the questionnaire."""
_QUERIES = {
    "places": """
        SELECT place.*, participant.status, participant.cohort, participant.note_de
        FROM reference.municipality AS place
        LEFT JOIN reference.participant AS participant ON participant.participant = place.ags
        ORDER BY place.ags
    """,
    "groups": "FROM reference.peer_group ORDER BY peer_kind, peer_group, ags",
    "peers": "FROM comparison.benchmark_peer ORDER BY peer_kind, peer_group, peer_number",
    "fields": "FROM reference.action_field ORDER BY position",
    "waves": "FROM reference.wave ORDER BY position",
    "items": """
        SELECT item.*
        FROM reference.item AS item JOIN reference.action_field AS field USING (action_field)
        ORDER BY field.position, item.position
    """,
    "actors": "FROM reference.actor_group ORDER BY position",
    "scale": "FROM reference.scale_value ORDER BY value",
    "reasons": "FROM reference.missing_reason ORDER BY position",
    # Coverage has a row for every municipality, also where nothing was delivered.
    "cells": """
        SELECT
            coverage.ags, coverage.wave, coverage.action_field, coverage.has_delivered,
            coverage.has_chosen, coverage.share_chosen,
            coalesce(score.withheld_because, coverage.withheld_because) AS withheld_because,
            score.* EXCLUDE (ags, wave, action_field, withheld_because)
        FROM comparison.coverage AS coverage
        LEFT JOIN comparison.action_field_score AS score USING (ags, wave, action_field)
        JOIN reference.action_field AS field USING (action_field)
        JOIN reference.wave AS wave USING (wave)
        ORDER BY coverage.ags, wave.position, field.position
    """,
    "benchmarks": """
        SELECT benchmark.*
        FROM comparison.benchmark AS benchmark
        JOIN reference.action_field AS field USING (action_field)
        JOIN reference.wave AS wave USING (wave)
        WHERE benchmark.part_kind = 'field'
        ORDER BY benchmark.ags, wave.position, field.position, benchmark.peer_kind
    """,
    "group_scores": """
        SELECT score.*
        FROM comparison.peer_group_score AS score
        JOIN reference.action_field AS field USING (action_field)
        JOIN reference.wave AS wave USING (wave)
        WHERE score.part_kind = 'field'
        ORDER BY wave.position, field.position, score.peer_kind, score.peer_group
    """,
    "sub_themes": f"""
        SELECT score.*
        FROM comparison.sub_theme_score AS score
        JOIN reference.wave AS wave USING (wave)
        JOIN ({_SUB_THEMES}) AS theme USING (action_field, sub_theme)
        ORDER BY score.ags, theme.position, wave.position
    """,
    "sub_theme_groups": f"""
        SELECT score.*, score.part AS sub_theme
        FROM comparison.peer_group_score AS score
        JOIN reference.wave AS wave USING (wave)
        JOIN ({_SUB_THEMES}) AS theme
            ON theme.action_field = score.action_field AND theme.sub_theme = score.part
        WHERE score.part_kind = 'sub_theme' AND score.peer_kind = 'all'
        ORDER BY theme.position, wave.position
    """,
    "changes": """
        SELECT change.*
        FROM comparison.wave_change AS change
        JOIN reference.action_field AS field USING (action_field)
        JOIN reference.wave AS wave ON wave.wave = change.wave_to
        ORDER BY change.ags, field.position, wave.position
    """,
    "group_changes": """
        SELECT change.*
        FROM comparison.wave_change_overview AS change
        JOIN reference.wave AS wave ON wave.wave = change.wave_to
        ORDER BY wave.position, change.action_field, change.peer_kind, change.peer_group
    """,
    "item_overview": """
        SELECT overview.*, profile.ci_low, profile.ci_high, profile.reference_mean,
            profile.profile, profile.n_municipalities, item.text_de
        FROM comparison.item_overview AS overview
        JOIN comparison.item_profile_overview AS profile USING (wave, item_code)
        JOIN reference.item AS item USING (item_code)
        JOIN reference.wave AS wave USING (wave)
        ORDER BY item.position, wave.position
    """,
    "profiles": """
        SELECT profile.*, item.text_de, item.polarity
        FROM comparison.item_profile AS profile
        JOIN reference.item AS item USING (item_code)
        JOIN reference.action_field AS field ON field.action_field = profile.action_field
        JOIN reference.wave AS wave USING (wave)
        ORDER BY profile.ags, field.position, item.position, wave.position
    """,
    "contributions": """
        SELECT contribution.*
        FROM comparison.workshop_contribution AS contribution
        JOIN reference.action_field AS field USING (action_field)
        JOIN reference.guiding_question AS question USING (guiding_question)
        ORDER BY contribution.ags, field.position, question.position
    """,
    "voices": """
        SELECT voice.*
        FROM comparison.actor_group_contribution AS voice
        LEFT JOIN reference.actor_group AS actor USING (actor_group)
        JOIN reference.action_field AS field USING (action_field)
        ORDER BY voice.ags, field.position, actor.position NULLS LAST, voice.actor_group
    """,
    "themes": "FROM comparison.contribution_theme",
    "measures": """
        SELECT measure.*, coalesce(status.label_de, 'nicht angegeben') AS status_de,
            coalesce(status.position, 99) AS status_position
        FROM comparison.measure_summary AS measure
        LEFT JOIN reference.measure_status AS status USING (measure_status)
        JOIN reference.action_field AS field USING (action_field)
        ORDER BY measure.ags, field.position, status.position NULLS LAST
    """,
    "perspectives": """
        SELECT perspective.*
        FROM comparison.perspective AS perspective
        JOIN reference.action_field AS field USING (action_field)
        ORDER BY perspective.ags, field.position
    """,
    "processes": "FROM comparison.process ORDER BY ags",
    "participations": """
        SELECT participation.*
        FROM comparison.workshop_participation AS participation
        LEFT JOIN reference.actor_group AS actor USING (actor_group)
        ORDER BY participation.ags, actor.position NULLS LAST, participation.actor_group
    """,
    "roles": """
        SELECT role.*
        FROM comparison.respondent_role AS role
        JOIN reference.wave AS wave USING (wave)
        LEFT JOIN reference.respondent_role AS known USING (respondent_role)
        ORDER BY wave.position, known.position NULLS LAST, role.respondent_role
    """,
    "departments": """
        SELECT department.*
        FROM comparison.respondent_department AS department
        JOIN reference.wave AS wave USING (wave)
        LEFT JOIN reference.department_group AS known USING (department_group)
        ORDER BY wave.position, known.position NULLS LAST, department.department_group
    """,
    "steps": "FROM comparison.impact_step ORDER BY step",
    "choices": """
        SELECT choice.*
        FROM comparison.field_choice AS choice
        JOIN reference.action_field AS field USING (action_field)
        JOIN reference.wave AS wave USING (wave)
        ORDER BY field.position, wave.position
    """,
    "described": 'FROM meta."table" ORDER BY "table"',
    "columns": 'FROM meta."column" ORDER BY "table", position',
}


@dataclass(frozen=True, slots=True)
class Tables:
    """Rows of the published tables, each in the order of keys and never of a figure.

    Attributes:
        found: rows by the name of their query.
        names: name of each municipality by AGS, with the AGS where two share a name.
        fields: name of each action field by code, in official order.
        waves: name of each wave by code, in order.
        latest: the last wave for which anybody delivered; None where nobody did.
    """

    found: dict[str, list[Row]]
    names: dict[str, str]
    fields: dict[str, str]
    waves: dict[str, str]
    latest: str | None

    def all(self, name: str) -> list[Row]:
        """Returns all rows of a query."""
        return self.found[name]

    def grouped(self, name: str, *keys: str) -> dict[Any, list[Row]]:
        """Returns the rows of a query by the value of one column, or of several."""
        return grouped(self.found[name], *keys)

    def wave_facts(self) -> list[Row]:
        """Returns each wave with the number of municipalities whose forms count in it."""
        delivered = grouped((x for x in self.found["cells"] if x["has_delivered"]), "wave")
        return [
            wave | {"n_places": len({x["ags"] for x in delivered.get(wave["wave"], [])})}
            for wave in self.found["waves"]
        ]


def read_tables(connection: Connection) -> Tables:
    """Reads everything the site shows.

    Args:
        connection: the database of the release.

    Returns:
        The rows of all tables.
    """
    found = {name: rows(connection, statement) for name, statement in _QUERIES.items()}
    places = found["places"]
    twice = {name for name, same in grouped(places, "label_de").items() if len(same) > 1}
    names = {
        row["ags"]: f"{row['label_de']} ({row['ags']})"
        if row["label_de"] in twice
        else row["label_de"]
        for row in places
    }
    delivered = {row["wave"] for row in found["cells"] if row["has_delivered"]}
    waves = {row["wave"]: row["label_de"] for row in found["waves"]}
    return Tables(
        found,
        names,
        {row["action_field"]: row["label_de"] for row in found["fields"]},
        waves,
        next((wave for wave in reversed(waves) if wave in delivered), None),
    )


def grouped(entries: Iterable[Row], *keys: str) -> dict[Any, list[Row]]:
    """Returns rows by the value of one column, or by the values of several as a tuple."""
    groups: dict[Any, list[Row]] = {}
    for row in entries:
        value = row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)
        groups.setdefault(value, []).append(row)
    return groups
