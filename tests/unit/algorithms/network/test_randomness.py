"""Streams of random numbers: those of the published generator, and each run its own."""

from collections import Counter

import numpy as np
import pytest

from algorithms.network.randomness import (
    STEP,
    begin,
    below,
    following,
    fraction,
    scrambled,
    stream_of,
)

# the first five of SplitMix64 from seed 0, as published with it and tested by many libraries
PUBLISHED = (
    0xE220A8397B1DCDAF,
    0x6E789E6AA1B965F4,
    0x06C45D188009454F,
    0xF88BB8A8724C81EC,
    0x1B39896A51A8749B,
)


def counters(n: int) -> list[np.uint64]:
    return [np.uint64(k * int(STEP) % 2**64) for k in range(1, n + 1)]


def drawn(seed: int, run: int, *, n: int = 8) -> list[float]:
    stream = stream_of(seed)
    begin(stream, run)
    return [following(stream) for _ in range(n)]


def test_bits_are_those_of_splitmix() -> None:
    assert [int(scrambled(counter)) for counter in counters(5)] == [*PUBLISHED]


def test_a_fraction_is_made_of_the_upper_bits() -> None:
    expected = [((bits >> 11) + 1) / 2**53 for bits in PUBLISHED]

    assert [fraction(counter) for counter in counters(5)] == expected


def test_no_fraction_is_nothing() -> None:
    # the counter 0 has no bit set: the least there is
    assert fraction(np.uint64(0)) == 2**-53


def test_a_stream_goes_on_where_its_run_begins() -> None:
    stream = stream_of(0)

    # unbegun its counter is 0
    assert [following(stream) for _ in range(5)] == [fraction(counter) for counter in counters(5)]


def test_a_run_is_the_same_whatever_ran_before() -> None:
    stream = stream_of(7)
    for run in (3, 1, 2):
        begin(stream, run)
        following(stream)
    begin(stream, 5)

    assert [following(stream) for _ in range(8)] == drawn(7, 5)


def test_runs_and_seeds_have_numbers_of_their_own() -> None:
    streams = [tuple(drawn(seed, run)) for seed in range(20) for run in range(20)]

    assert len({number for numbers in streams for number in numbers}) == 20 * 20 * 8


def test_the_largest_seed_is_one() -> None:
    assert drawn(2**63, 0) != drawn(0, 0)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_whole_numbers_below_a_bound_come_as_often(n: int) -> None:
    stream = stream_of(1)
    begin(stream, 0)

    counts = Counter(below(stream, n) for _ in range(7_000))

    assert {*counts} == {*range(n)}
    # within five standard deviations
    mean = 7_000 / n
    assert all(abs(count - mean) <= 5 * mean**0.5 for count in counts.values())


def test_fractions_are_spread_evenly() -> None:
    from scipy.stats import kstest

    numbers = drawn(3, 4, n=5_000)

    assert kstest(numbers, "uniform").pvalue > 0.01
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.05
