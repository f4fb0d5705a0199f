"""The forms of one invented municipality as bytes of a LimeSurvey export, without a loop over rows."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from tests.benchmarks.instrument import Instrument
from tests.invented import FIELDS, Place

Bytes = npt.NDArray[np.uint8]
Texts = npt.NDArray[np.bytes_]

WAVE = "t1"
_SYSTEM = "id submitdate lastpage startlanguage seed startdate datestamp refurl"
_BEGIN = np.datetime64("2026-09-07T09:00:00")
_DAYS = 50
_LAST_PAGE = 10
_FIRST_ITEM_PAGE = 3
_ROLES = np.array([b"R1", b"R2", b"R3", b"R4", b"R5", b"R6"])
_DEPARTMENTS = np.array([b"Hauptamt", b"Sozialamt", b"Jugendamt", b"Ordnungsamt", b""])
_COMMENTS = np.array(
    ["", "Erläuterung (erfunden)", "Dazu gibt es ein Konzept; es ist erfunden."], dtype="U"
)
_ENCODED_COMMENTS = np.char.encode(_COMMENTS, "utf-8")
_YEARS = 40
"""Neighbours in time differ in their years, so that nobody seems to have sent a form twice."""

_LEFT_EARLY, _NOT_CHOSEN, _SKIPPED, _DONT_KNOW, _COMMENTED = 0.03, 0.06, 0.05, 0.07, 0.04
_ITEM_SPREAD, _PERSON_SPREAD, _NOISE = 0.35, 0.4, 0.6
_CENTRE = 2.6
# What an item's cell can hold, as it is quoted; a zero byte is no byte.
_CELL = np.array(
    [list(f'"{code}";'.encode().ljust(5, b"\0")) for code in ("", "A1", "A2", "A3", "A4", "A9")],
    dtype=np.uint8,
)
_EMPTY_CELL, _DONT_KNOW_CELL = 0, 5


def columns_of(instrument: Instrument) -> tuple[str, ...]:
    """Returns the headings of an export."""
    return (*_SYSTEM.split(), *instrument.columns)


class FormRows:
    """Writes forms as the survey tool does: quoted, separated by semicolons, codes as answers.

    Args:
        instrument: questionnaire.
        seed: same seed, same bytes.
        responses: forms of each municipality.
    """

    def __init__(self, instrument: Instrument, seed: int, responses: int) -> None:
        self._instrument = instrument
        self._seed = seed
        self._responses = responses
        items = instrument.items
        self._pages = np.array([item.page for item in items])
        self._fields = np.array([FIELDS.index(item.action_field) for item in items])
        self._effects = np.random.default_rng(seed).normal(0, _ITEM_SPREAD, len(items))
        self._columns = columns_of(instrument)

    @cached_property
    def heading(self) -> bytes:
        """The first line of every file, byte order mark included."""
        return (";".join(f'"{column}"' for column in self._columns) + "\r\n").encode("utf-8-sig")

    def of(self, place: Place, number: int) -> bytes:
        """Returns the rows of a municipality; those of another do not change them.

        Args:
            place: municipality.
            number: its number, which its forms are numbered by.
        """
        rng = np.random.default_rng([self._seed, number])
        count = self._responses
        chosen = self._chosen(rng, place)
        is_left = rng.random(count) < _LEFT_EARLY
        early = rng.integers(_FIRST_ITEM_PAGE, _LAST_PAGE, count)
        last_page = np.where(is_left, early, _LAST_PAGE)
        cells = _CELL[self._codes(rng, place, chosen, last_page)]
        known = self._known(rng, place, number, chosen, last_page)
        blocks: list[Bytes] = []
        at = 0
        for column in self._columns:
            if column in self._positions:
                blocks.append(cells[:, at])
                at += 1
            else:
                blocks.append(_quoted(known.get(column, np.array([b""])), count))
        # The last separator of each row becomes its end.
        end = np.broadcast_to(np.frombuffer(b"\r\n", np.uint8), (count, 2))
        row = np.concatenate([*blocks[:-1], blocks[-1][:, :-1], end], axis=1)
        return bytes(row[row != 0].tobytes())

    @cached_property
    def _positions(self) -> frozenset[str]:
        return frozenset(item.source_code for item in self._instrument.items)

    def _chosen(self, rng: np.random.Generator, place: Place) -> npt.NDArray[np.bool_]:
        of_place = np.array([field in place.fields for field in FIELDS])
        drops = rng.random((self._responses, len(FIELDS))) < _NOT_CHOSEN
        drops[:, 0] = False
        return of_place & ~drops

    def _codes(
        self,
        rng: np.random.Generator,
        place: Place,
        chosen: npt.NDArray[np.bool_],
        last_page: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int64]:
        shape = (self._responses, len(self._pages))
        stands = _CENTRE + place.level + self._effects + rng.normal(0, _NOISE, shape)
        stands += rng.normal(0, _PERSON_SPREAD, (self._responses, 1))
        codes = np.clip(np.rint(stands), 1, 4).astype(np.int64)
        chance = rng.random(shape)
        codes[chance < _SKIPPED + _DONT_KNOW] = _DONT_KNOW_CELL
        is_shown = chosen[:, self._fields] & (self._pages <= last_page[:, None])
        codes[(chance < _SKIPPED) | ~is_shown] = _EMPTY_CELL
        return codes

    def _known(
        self,
        rng: np.random.Generator,
        place: Place,
        number: int,
        chosen: npt.NDArray[np.bool_],
        last_page: npt.NDArray[np.int64],
    ) -> dict[str, Texts]:
        count = self._responses
        row = np.arange(count)
        is_done = last_page == _LAST_PAGE
        begun = _BEGIN + row * (_DAYS * 86_400 // count) + rng.integers(0, 600, count)
        done = begun + rng.integers(720, 2_400, count)
        end = _times(done)
        known = {
            "id": (number * count + row + 1).astype("S"),
            "submitdate": np.where(is_done, end, b""),
            "lastpage": last_page.astype("S"),
            "startlanguage": np.array([b"de"]),
            "seed": rng.integers(1, 2**31, count).astype("S"),
            "startdate": _times(begun),
            "datestamp": end,
            "welle": np.array([WAVE.encode()]),
            "AGS": np.array([place.ags.encode()]),
            "rolle": rng.choice(_ROLES, count),
            "amt": rng.choice(_DEPARTMENTS, count),
            "jahre": (1 + row % _YEARS).astype("S"),
            "datum": _times(done.astype("datetime64[D]")),
            "anzHF": chosen.sum(axis=1).astype("S"),
            "GES": np.where(is_done, rng.integers(1, 5, count).astype("S"), b""),
            "kontakt": np.where(is_done, b"N", b""),
        }
        key = np.where(chosen, rng.random(chosen.shape), 2.0)
        order = key.argsort(axis=1)
        is_ranked = np.take_along_axis(chosen, order, axis=1) & is_done[:, None]
        names = np.array([field.encode() for field in FIELDS])
        for position, field in enumerate(FIELDS):
            known[f"HF[{field}]"] = np.where(chosen[:, position], b"Y", b"")
            known[f"PRIO[{position + 1}]"] = np.where(
                is_ranked[:, position], names[order[:, position]], b""
            )
            is_said = chosen[:, position] & (rng.random(count) < _COMMENTED)
            is_said &= position + _FIRST_ITEM_PAGE <= last_page
            said = rng.integers(1, len(_COMMENTS), count)
            known[f"{field}KOM"] = _ENCODED_COMMENTS[np.where(is_said, said, 0)]
        return known


def _times(moments: npt.NDArray[np.datetime64]) -> Texts:
    texts = np.datetime_as_string(moments, unit="s").astype("S19")
    letters = texts.view(np.uint8).reshape(len(texts), 19)
    letters[:, 10] = ord(" ")
    return texts


def _quoted(texts: Texts, count: int) -> Bytes:
    width = max(texts.dtype.itemsize, 1)
    letters = np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), width)
    cell = np.zeros((len(texts), width + 3), dtype=np.uint8)
    cell[:, 0] = cell[:, -2] = ord('"')
    cell[:, 1:-2] = letters
    cell[:, -1] = ord(";")
    return np.broadcast_to(cell, (count, width + 3))
