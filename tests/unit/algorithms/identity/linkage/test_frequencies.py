"""How frequent values are, person by person and without naming rare ones."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.linkage.frequencies import count_frequencies, digest, look_up
from algorithms.identity.linkage.pairs import workshop

NAMES = pa.chunked_array([["li"] * 6 + ["quach", "ng", None, None]])


def test_frequent_values_have_a_share_of_their_own_and_rare_ones_one_together() -> None:
    found = count_frequencies(NAMES, np.ones(10), kept=5)

    assert found.known == {digest("li"): pytest.approx(6 / 8)}
    assert found.rest == pytest.approx(1 / 8)


def test_no_value_is_stored_in_the_clear() -> None:
    found = count_frequencies(NAMES, np.ones(10), kept=1)

    assert not {"li", "quach", "ng"} & set(found.known)


def test_a_person_recorded_often_makes_no_name_frequent() -> None:
    votes = np.array([1 / 6] * 6 + [1.0] * 4)

    found = count_frequencies(NAMES, votes, kept=5)

    # one Li, one Quach and one Ng: three persons, each name a third
    assert found.known == {}
    assert found.rest == pytest.approx(1 / 3)


def test_where_all_values_are_frequent_a_new_one_is_rarer_than_they_are() -> None:
    found = count_frequencies(pa.chunked_array([["a"] * 40 + ["b"] * 60]), np.ones(100), kept=5)

    assert found.rest < min(found.known.values())


def test_a_column_that_nobody_fills_has_no_frequent_value() -> None:
    found = count_frequencies(pa.chunked_array([pa.nulls(3, pa.string())]), np.ones(3), kept=5)

    assert found.known == {}
    assert found.rest > 0


def test_duckdb_finds_the_digests_that_python_made() -> None:
    texts = ["li", "欧阳", "o’brien"]

    found = duckdb.connect().execute("SELECT left(md5(unnest($texts)), 16)", {"texts": texts})

    assert [row[0] for row in found.fetchall()] == [digest(text) for text in texts]


def test_every_value_of_the_rows_is_looked_up() -> None:
    rows = pa.table({"unit": [0, 1, 2], "city": ["rome", "oslo", None]})
    frequencies = count_frequencies(
        pa.chunked_array([["rome"] * 9 + ["bonn"]]), np.ones(10), kept=5
    )

    with workshop(rows, np.ones(3, dtype=np.bool_)) as connection:
        look_up(connection, {"city": frequencies})
        found = dict(connection.execute("SELECT city, tf_city FROM tf_city").fetchall())

    assert found == {"rome": pytest.approx(0.9), "oslo": pytest.approx(0.1)}
