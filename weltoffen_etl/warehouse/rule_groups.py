"""How many findings each group of rules has in a build: what is red, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from weltoffen_etl.catalog import SEVERITIES, TOPICS
from weltoffen_etl.database import connect
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_file


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Findings of one group of rules about deliveries in force.

    Attributes:
        topic: the group, a key of ``TOPICS``.
        severities: number of findings by severity.
        rules: number of findings by rule.
    """

    topic: str
    severities: Counter[str]
    rules: Counter[str]

    @property
    def worst(self) -> str | None:
        """The worst severity that occurs, None without findings."""
        return next((x for x in SEVERITIES if self.severities[x]), None)


def rule_groups(settings: Settings) -> list[RuleGroup]:
    """Counts the findings of this run's build, one entry for every group of rules.

    Args:
        settings: where the build is; its schema ``quality`` is built.

    Returns:
        Groups in the order of `TOPICS`, also those without findings.
    """
    groups = {topic: RuleGroup(topic, Counter(), Counter()) for topic in TOPICS}
    with connect(settings, build_file(settings)) as connection:
        counted = connection.execute(
            "SELECT topic, severity, rule, count(*) FROM quality.finding WHERE is_current GROUP BY ALL"
        ).fetchall()
    for topic, severity, rule, number in counted:
        groups[topic].severities[severity] += number
        groups[topic].rules[rule] += number
    return list(groups.values())
