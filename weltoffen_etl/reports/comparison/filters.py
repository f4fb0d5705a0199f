"""The filters of a page: waves, groups of similar municipalities, a name, the kind of peers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from weltoffen_etl.reports.comparison.figure import as_json
from weltoffen_etl.reports.comparison.tables import Tables, grouped
from weltoffen_etl.reports.comparison.words import PEER_KINDS


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page can be filtered by.

    Attributes:
        waves: code and name; empty where the page does not filter by wave.
        default_wave: the wave that is chosen at first; None for all.
        groups: by kind of group its name and its groups with code and name; empty where the
            page shows one municipality.
        bands: kinds of peers for bands, code and name; empty where there is no band.
        places: AGS, name and groups of each municipality, for the page's script.
    """

    waves: list[tuple[str, str]]
    default_wave: str | None
    groups: list[tuple[str, list[tuple[str, str]]]]
    bands: list[tuple[str, str]]
    places: Markup


def filters(
    tables: Tables,
    *,
    has_waves: bool = True,
    default_wave: str | None = None,
    has_groups: bool = True,
    bands: Collection[str] = (),
) -> Filters:
    """Returns the filters of a page.

    Args:
        tables: rows of the published tables.
        has_waves: whether the page shows figures of single waves.
        default_wave: the wave that is chosen at first; None for all.
        has_groups: whether the page shows several municipalities.
        bands: kinds of peers that the page has bands for.

    Returns:
        Filters with the groups in the order of their codes.
    """
    groups = tables.all("groups") if has_groups else []
    by_kind = grouped(groups, "peer_kind")
    places = {
        ags: [
            tables.names[ags],
            sorted(f"{row['peer_kind']}:{row['peer_group']}" for row in part),
        ]
        for ags, part in grouped(groups, "ags").items()
    }
    return Filters(
        list(tables.waves.items()) if has_waves else [],
        default_wave,
        [
            (
                PEER_KINDS[kind],
                [
                    (f"{kind}:{code}", part[0]["label_de"])
                    for code, part in grouped(by_kind[kind], "peer_group").items()
                ],
            )
            for kind in PEER_KINDS
            if kind in by_kind and kind != "all"
        ],
        [(kind, name) for kind, name in PEER_KINDS.items() if kind in bands],
        as_json(places),
    )
