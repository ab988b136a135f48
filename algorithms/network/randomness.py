"""Random numbers inside compiled loops: a stream for each run, whatever ran before it.

Counters scrambled into bits (Steele, Lea & Flood 2014, *SplitMix64*): fast, of good quality
for drawing, and the same on every machine. A stream is an array: its counter, and its seed.
Kernels call each other with positions alone: numba 0.68 refuses keywords there. Where every
nanosecond counts they carry the counter themselves.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from algorithms.network.compiled import compiled

Stream = npt.NDArray[np.uint64]
STEP: Final = np.uint64(0x9E3779B97F4A7C15)
"""What a counter grows by: 2**64 over the golden ratio, so that it meets all numbers."""


@compiled
def scrambled(counter: np.uint64) -> np.uint64:
    """Return 64 random bits of a counter."""
    z = (counter ^ (counter >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def fraction(counter: np.uint64) -> float:
    """Return a counter's random number, above 0 and up to 1."""
    return (np.float64(scrambled(counter) >> np.uint64(11)) + 1.0) * 2.0**-53


def stream_of(seed: int) -> Stream:
    """Return a stream that `begin` has to set to a run."""
    return np.array([0, seed], np.uint64)


@compiled
def begin(stream: Stream, run: int) -> None:
    """Set a stream to the beginning of a run."""
    stream[0] = scrambled(scrambled(stream[1] + STEP) + np.uint64(run) * STEP)


@compiled
def following(stream: Stream) -> float:
    """Return the next number of a stream, above 0 and up to 1."""
    stream[0] += STEP
    return fraction(stream[0])


@compiled
def below(stream: Stream, n: int) -> int:
    """Return the next number of a stream as one from 0 to n - 1."""
    drawn = int(following(stream) * n)
    return drawn if drawn < n else n - 1
