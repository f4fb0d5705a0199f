"""The generator of resamples a second time, in Python."""

import hashlib

LAST = 2**32 - 1


def hashed(x: int) -> int:
    """lowbias32."""
    x ^= x >> 16
    x = x * 0x7FEB352D & LAST
    x ^= x >> 15
    x = x * 0x846CA68B & LAST
    return x ^ x >> 16


def stream(key: str, replicate: int) -> int:
    seed = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[:4], "big")
    return hashed(seed ^ hashed(replicate))


def places(key: str, replicate: int, n: int) -> list[int]:
    """The places from 0 to n - 1 that a resample takes."""
    start = stream(key, replicate)
    return [hashed((start + draw * 0x9E3779B9) & LAST) * n >> 32 for draw in range(1, n + 1)]


def percentiles(resampled: list[float]) -> tuple[float, float]:
    """The 25th smallest and the 25th greatest of 1,000."""
    assert len(resampled) == 1000
    ordered = sorted(resampled)
    return ordered[24], ordered[-25]
