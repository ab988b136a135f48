"""Draws of the demo company: exact where they can be, near their rate where they are random."""

import numpy as np
import pytest

from loaders.demo.draw import chance, mixed, ragged, scattered, stream, weighted, zipf


def test_a_subject_draws_the_same_for_the_same_seed() -> None:
    first = stream(7, "people").random(5)

    again = stream(7, "people").random(5)

    assert first.tolist() == again.tolist()


@pytest.mark.parametrize(("seed", "subject"), [(8, "people"), (7, "orders")])
def test_another_seed_or_subject_draws_something_else(seed: int, subject: str) -> None:
    first = stream(7, "people").random(5)

    other = stream(seed, subject).random(5)

    assert first.tolist() != other.tolist()


def test_chance_is_near_its_rate() -> None:
    flags = chance(stream(1, "flags"), 0.03, n=100_000)

    # five standard deviations of a binomial share: 5 * sqrt(.03 * .97 / 100000) = .0027
    assert flags.mean() == pytest.approx(0.03, abs=0.0027)


def test_chance_takes_a_rate_for_each_row() -> None:
    flags = chance(stream(1, "flags"), np.array([0.0, 1.0, 0.0, 1.0]), n=4)

    assert flags.tolist() == [False, True, False, True]


def test_weights_need_not_add_up_to_one() -> None:
    drawn = weighted(stream(1, "w"), [30, 10], n=100_000)

    assert (drawn == 0).mean() == pytest.approx(0.75, abs=0.007)


def test_a_weight_of_zero_is_never_drawn() -> None:
    drawn = weighted(stream(1, "w"), [0, 1, 0, 1, 0], n=10_000)

    assert set(drawn.tolist()) == {1, 3}


def test_drawing_nothing_gives_nothing() -> None:
    assert len(weighted(stream(1, "w"), [1, 2], n=0)) == 0


def test_zipf_weights_fall_with_rank() -> None:
    assert zipf(4).tolist() == [1.0, 0.5, 1 / 3, 0.25]
    assert zipf(4, exponent=0.5)[3] == 0.5


def test_ragged_numbers_members_within_their_group() -> None:
    owner, place = ragged(np.array([2, 0, 3]))

    assert owner.tolist() == [0, 0, 2, 2, 2]
    assert place.tolist() == [0, 1, 0, 1, 2]


def test_ragged_of_no_group_is_empty() -> None:
    owner, place = ragged(np.array([], dtype=np.int64))

    assert (len(owner), len(place)) == (0, 0)


def test_mixed_numbers_stay_different() -> None:
    numbers = mixed(np.arange(200_000), seed=7, subject="cookie")

    assert len(set(numbers.tolist())) == 200_000


def test_mixed_numbers_depend_on_seed_and_subject() -> None:
    numbers = np.arange(3)

    variants = [
        mixed(numbers, seed=seed, subject=subject).tolist()
        for seed, subject in ((7, "cookie"), (8, "cookie"), (7, "device"))
    ]

    assert len({tuple(variant) for variant in variants}) == 3


def test_mixing_follows_the_published_recipe() -> None:
    # splitmix64 in plain integers, for a salt of zero bits it would be its first outputs
    def by_hand(state: int) -> int:
        mask = 2**64 - 1
        z = state * 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    import zlib

    salt = zlib.crc32(b"7 cookie") >> 8
    expected = [by_hand(n | salt << 40) for n in (0, 1, 123_456)]

    assert mixed(np.array([0, 1, 123_456]), seed=7, subject="cookie").tolist() == expected


@pytest.mark.parametrize("below", [1_000, 90_000_000, 3_800_000_000])
def test_scattered_numbers_keep_to_their_range_and_apart(below: int) -> None:
    count = min(below, 200_000)

    places = scattered(np.arange(count), below=below, seed=7, subject="x")

    assert places.min() >= 0
    assert places.max() < below
    assert len(set(places.tolist())) == count


def test_scattering_a_whole_range_is_a_permutation() -> None:
    places = scattered(np.arange(1_000), below=1_000, seed=3, subject="x")

    assert sorted(places.tolist()) == list(range(1_000))


def test_scattering_agrees_with_plain_integers() -> None:
    import zlib

    below, shift = 3_800_000_000, zlib.crc32(b"5 y") % 3_800_000_000
    numbers = [0, 1, 65_535, 65_536, 3_799_999_999]
    expected = [(n * 4_294_967_291 + shift) % below for n in numbers]

    places = scattered(np.array(numbers), below=below, seed=5, subject="y")

    assert places.tolist() == expected
