"""Random draws by the million: one named stream a subject, whole columns at a time.

Each subject draws from its own stream, so a new column in one system moves no value in another.
"""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def stream(seed: int, subject: str) -> np.random.Generator:
    """Return the generator of ``subject``: the same for the same seed and name, always."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode())])


def chance(rng: np.random.Generator, p: float | Floats, *, n: int) -> Flags:
    """Draw ``n`` flags, each true with probability ``p``."""
    flags: Flags = rng.random(n) < p
    return flags


def weighted(rng: np.random.Generator, weights: Sequence[float] | Floats, *, n: int) -> Ints:
    """Draw ``n`` indices into ``weights``, in proportion to them."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn: Ints = np.searchsorted(edges, rng.random(n) * edges[-1], side="right").astype(np.int64)
    return drawn


def zipf(n: int, *, exponent: float = 1.0) -> Floats:
    """Return the weights of ranks 1 to ``n``: the r-th is r to the power of minus ``exponent``."""
    weights: Floats = np.arange(1, n + 1, dtype=np.float64) ** -exponent
    return weights


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """Unroll groups of ``counts`` members: each member's group and its place there, from 0.

    >>> ragged(np.array([2, 0, 1]))
    (array([0, 0, 2]), array([0, 1, 0]))
    """
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    starts = np.cumsum(counts) - counts
    return owner, np.arange(len(owner), dtype=np.int64) - starts[owner]


def mixed(numbers: Ints, *, seed: int, subject: str) -> npt.NDArray[np.uint64]:
    """Scatter ``numbers`` (below 2 to the 40th) over 64 bits, one to one, so that keys look opaque.

    References
    ----------
    Steele, Lea, Flood (2014). Fast splittable pseudorandom number generators. OOPSLA.
    """
    step, first, second = (
        np.uint64(constant)
        for constant in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
    )
    salt = zlib.crc32(f"{seed} {subject}".encode()) >> 8
    z = (numbers.astype(np.uint64) | np.uint64(salt << 40)) * step
    z = (z ^ (z >> np.uint64(30))) * first
    z = (z ^ (z >> np.uint64(27))) * second
    mixed_up: npt.NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed_up


def scattered(numbers: Ints, *, below: int, seed: int, subject: str) -> Ints:
    """Map ``numbers`` one to one into ``[0, below)``, in no visible order.

    ``below`` must be under the multiplier, a prime just above four thousand million, and each
    number under ``below``: then no two share a place.
    """
    multiplier = 4_294_967_291
    shift = zlib.crc32(f"{seed} {subject}".encode()) % below
    # split in two, for the full product would overflow 64 bits
    low, high = numbers % 65_536, numbers // 65_536
    product = high * multiplier % below * 65_536 % below + low * multiplier % below
    placed: Ints = (product + shift) % below
    return placed
