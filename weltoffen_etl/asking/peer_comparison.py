"""A municipality beside its peers: joins what a release says of both, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

from weltoffen_etl.asking.errors import UnknownNameError
from weltoffen_etl.asking.query import meant, similar
from weltoffen_etl.database import Connection
from weltoffen_etl.warehouse.current import Release

PEER_KINDS = ("all", "size_class", "type", "cohort", "macro_region", "chosen")
"""Kinds of groups in ``comparison.benchmark``; the first is taken where none is asked for."""


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """One municipality and wave beside one group.

    Attributes:
        release: name of the release.
        ags: municipality.
        municipality: its name.
        wave: wave.
        wave_label: name of the wave.
        peer_kind: kind of the group, one of `PEER_KINDS`.
        peer_label: name of the group; None where the municipality delivered nothing.
        is_synthetic: whether invented answers are behind it.
        names: columns of ``rows``.
        rows: one row for each action field, in the official order.
    """

    release: str
    ags: str
    municipality: str
    wave: str
    wave_label: str
    peer_kind: str
    peer_label: str | None
    is_synthetic: bool
    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """Returns the rows by column."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


_ROWS = """
SELECT
    coverage.ags, coverage.wave, coverage.action_field, field.label_de AS action_field_label,
    coverage.is_synthetic, coverage.has_chosen, coverage.n_responses, coverage.n_chosen,
    score.n_respondents, score.mean, score.sd,
    score.answered_share_of_chosen, 1 - score.answered_share_of_chosen AS missing_share_of_chosen,
    coalesce(score.withheld_because, coverage.withheld_because) AS withheld_because,
    $peer_kind AS peer_kind, peers.peer_group,
    coalesce(member.label_de, peers.peer_group) AS peer_group_label,
    peers.n_peers, peers.peer_mean, peers.peer_sd,
    peers.peer_mean - peers.peer_sd AS band_low, peers.peer_mean + peers.peer_sd AS band_high,
    peers.band, peers.difference, peers.effect_size,
    peers.withheld_because AS peers_withheld_because,
    change.wave_from, change.change, change.ci_low, change.ci_high,
    change.is_composition_changed, change.withheld_because AS change_withheld_because
FROM comparison.coverage AS coverage
JOIN reference.action_field AS field USING (action_field)
LEFT JOIN comparison.action_field_score AS score USING (ags, wave, action_field)
LEFT JOIN comparison.benchmark AS peers
    ON (peers.ags, peers.wave, peers.action_field, peers.part_kind, peers.peer_kind)
    = (coverage.ags, coverage.wave, coverage.action_field, 'field', $peer_kind)
LEFT JOIN reference.peer_group AS member
    ON (member.ags, member.peer_kind) = (coverage.ags, $peer_kind)
LEFT JOIN comparison.wave_change AS change
    ON (change.ags, change.wave_to, change.action_field)
    = (coverage.ags, coverage.wave, coverage.action_field)
WHERE coverage.ags = $ags AND coverage.wave = $wave
    AND ($action_field IS NULL OR coverage.action_field = $action_field)
ORDER BY field.position
"""


def compare(
    connection: Connection,
    release: Release,
    asked: str,
    *,
    action_field: str | None = None,
    wave: str | None = None,
    peer_kind: str = PEER_KINDS[0],
) -> PeerComparison:
    """Reads a municipality's figures with those of a group of peers beside them.

    Args:
        connection: the release's database.
        release: the release.
        asked: municipality by key, name or an unmistakable part of its name.
        action_field: code or name of one action field; None for all.
        wave: code of a wave; None for the latest that the municipality delivered, or, where it
            delivered none, the first.
        peer_kind: one of `PEER_KINDS`.

    Returns:
        What the release says; what it withholds stays empty, with the reason beside it.

    Raises:
        UnknownNameError: municipality, action field or wave is not known.
    """
    ags, name = _municipality(connection, asked)
    if action_field is not None:
        action_field = _action_field(connection, action_field)
    wave, wave_label = _wave(connection, ags, wave)
    result = connection.execute(
        _ROWS, {"ags": ags, "wave": wave, "action_field": action_field, "peer_kind": peer_kind}
    )
    names = tuple(column[0] for column in result.description or [])
    rows = tuple(result.fetchall())
    first = dict(zip(names, rows[0], strict=True)) if rows else {}
    synthetic = names.index("is_synthetic")
    return PeerComparison(
        release=release.name,
        ags=ags,
        municipality=name,
        wave=wave,
        wave_label=wave_label,
        peer_kind=peer_kind,
        peer_label=first.get("peer_group_label"),
        is_synthetic=any(row[synthetic] for row in rows),
        names=names,
        rows=rows,
    )


def _municipality(connection: Connection, asked: str) -> tuple[str, str]:
    known: dict[str, str] = dict(
        connection.execute(
            "SELECT ags, label_de FROM reference.municipality ORDER BY ags"
        ).fetchall()
    )
    if asked in known:
        return asked, known[asked]
    wanted = asked.strip().casefold()
    for found in (
        [ags for ags, name in known.items() if name.casefold() == wanted],
        [ags for ags, name in known.items() if wanted and name.casefold().startswith(wanted)],
        [ags for ags, name in known.items() if wanted and wanted in name.casefold()],
    ):
        if len(found) == 1:
            return found[0], known[found[0]]
        if found:
            names = [f"{known[ags]} ({ags})" for ags in found]
            raise UnknownNameError(
                _("„{name}“ kann mehrere Kommunen meinen.").format(name=asked) + meant(names)
            )
    likely = [f"{known[ags]} ({ags})" for ags in similar(asked, known)]
    raise UnknownNameError(
        _("Die Kommune „{name}“ kennt dieser Stand nicht.").format(name=asked) + meant(likely)
    )


def _action_field(connection: Connection, asked: str) -> str:
    rows = connection.execute(
        "SELECT action_field, label_de FROM reference.action_field ORDER BY position"
    ).fetchall()
    for code, label in rows:
        if asked.casefold() in (code.casefold(), label.casefold()):
            return str(code)
    known = ", ".join(f"{code} ({label})" for code, label in rows)
    raise UnknownNameError(
        _("Das Handlungsfeld „{name}“ gibt es nicht. Bekannt sind: {known}.").format(
            name=asked, known=known
        )
    )


def _wave(connection: Connection, ags: str, asked: str | None) -> tuple[str, str]:
    rows = connection.execute(
        "SELECT wave, label_de, coalesce(bool_or(has_delivered), false) "
        "FROM reference.wave LEFT JOIN (FROM comparison.coverage WHERE ags = $ags) USING (wave) "
        "GROUP BY wave, label_de, position ORDER BY position",
        {"ags": ags},
    ).fetchall()
    if asked is None:
        delivered = [(wave, label) for wave, label, has_delivered in rows if has_delivered]
        return delivered[-1] if delivered else (rows[0][0], rows[0][1])
    for wave, label, _has_delivered in rows:
        if asked.casefold() in (wave.casefold(), label.casefold()):
            return wave, label
    raise UnknownNameError(
        _("Die Welle „{name}“ gibt es nicht. Bekannt sind: {known}.").format(
            name=asked, known=", ".join(wave for wave, _label, _delivered in rows)
        )
    )
