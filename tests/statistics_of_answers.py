"""The figures on answers a second time, in other ways than in SQL: from single answers."""

import math
import statistics
from collections.abc import Sequence
from itertools import combinations

import numpy as np


def median(answers: Sequence[int]) -> float | None:
    return statistics.median(answers) if answers else None


def mean(answers: Sequence[int]) -> float | None:
    return float(np.mean(answers)) if answers else None


def sd(answers: Sequence[int]) -> float | None:
    return float(np.std(answers, ddof=1)) if len(answers) > 1 else None


def consensus(answers: Sequence[int], lowest: int = 1, highest: int = 4) -> float | None:
    """Tastle and Wierman: each answer's closeness to the mean, as a share of the width."""
    if not answers:
        return None
    values = np.asarray(answers, dtype=float)
    closeness = 1 - np.abs(values - values.mean()) / (highest - lowest)
    return 1 + float(np.mean(np.log2(closeness)))


def agreement(counts: Sequence[int]) -> float | None:
    """Van der Eijk: peels off the layer of the smallest count again and again."""
    total = sum(counts)
    if not total:
        return None
    left = list(counts)
    whole = 0.0
    while any(left):
        pattern = [int(count > 0) for count in left]
        height = min(count for count in left if count)
        whole += height * sum(pattern) / total * _pattern_agreement(pattern)
        left = [count - height * filled for count, filled in zip(left, pattern, strict=True)]
    return whole


def _pattern_agreement(pattern: Sequence[int]) -> float:
    categories = len(pattern)
    triples = list(combinations(pattern, 3))
    unimodal = sum(triple in ((1, 1, 0), (0, 1, 1)) for triple in triples)
    bimodal = sum(triple == (1, 0, 1) for triple in triples)
    if sum(pattern) == 1:
        return 1.0
    if not unimodal + bimodal:
        return 0.0
    unimodality = ((categories - 2) * unimodal - (categories - 1) * bimodal) / (
        (categories - 2) * (unimodal + bimodal)
    )
    return unimodality * (1 - (sum(pattern) - 1) / (categories - 1))


def pairs(answers: Sequence[int], steps: int) -> float | None:
    """Share of pairs of answers that are at most so many steps apart."""
    apart = [abs(one - other) for one, other in combinations(answers, 2)]
    return sum(distance <= steps for distance in apart) / len(apart) if apart else None


def close(found: object, expected: object) -> bool:
    """Whether two figures are equal to 1e-9, or both empty, or the same word."""
    if isinstance(found, int | float) and isinstance(expected, int | float):
        return math.isclose(found, expected, rel_tol=0, abs_tol=1e-9)
    return found == expected
