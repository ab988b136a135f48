"""Which pairs are compared, and at which level each field stands."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.linkage import pairs
from algorithms.identity.linkage.frequencies import Frequencies, look_up
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.settings import derive, read_choices
from tests.registers import persons_of

Pair = tuple[int, int]

PERSONS: tuple[Mapping[str, object], ...] = (
    {"given_name": "Ann", "family_name": "Moss", "city": "Rome", "phone": ["13800000001"]},
    {"given_name": "Ann", "family_name": "Mosz", "city": "Rome", "phone": ["13800000002"]},
    {
        "given_name": "Moss",
        "family_name": "Ann",
        "city": None,
        "phone": ["13800000001", "13800000002"],
    },
    {"given_name": "Bo", "family_name": "Fell", "city": "Oslo", "phone": []},
    {"given_name": "Bob", "family_name": "Fell", "city": "Oslo", "phone": []},
)


def rows_of(*records: Mapping[str, object]) -> pa.Table:
    return match_rows(persons_of(records or PERSONS), np.arange(len(records or PERSONS)))


def blocked(
    rows: pa.Table, *blocks: tuple[str, ...], touched: npt.NDArray[np.bool_] | None = None
) -> list[Pair]:
    flags = np.ones(rows.num_rows, dtype=np.bool_) if touched is None else touched
    with pairs.workshop(rows, flags) as connection:
        pairs.block(connection, blocks)
        found = connection.sql(f"SELECT join_key_l, join_key_r FROM {pairs.PAIRS} ORDER BY ALL")
        return [(int(left), int(right)) for left, right in found.fetchall()]


def levels_of(*records: Mapping[str, object]) -> dict[Pair, dict[str, str]]:
    rows = rows_of(*records)
    fields = derive(rows, read_choices()).comparisons
    with pairs.workshop(rows, np.ones(rows.num_rows, dtype=np.bool_)) as connection:
        connection.register("drawn", pairs.draw(rows.num_rows, n_pairs=100, seed=0))
        pairs.compare(connection, fields, pairs="drawn")
        found = pairs.compared(connection, fields).to_pylist()
    names = {field.name: [*(level.says for level in field.levels), "nothing"] for field in fields}
    return {
        (row["join_key_l"], row["join_key_r"]): {
            name: says[row[f"level_{name}"]] for name, says in names.items()
        }
        for row in found
    }


def test_pairs_agree_on_every_key_of_a_block() -> None:
    assert blocked(rows_of(), ("family_key", "city")) == [(3, 4)]
    assert blocked(rows_of(), ("city",)) == [(0, 1), (3, 4)]


def test_a_pair_of_several_blocks_is_compared_once() -> None:
    assert blocked(rows_of(), ("city",), ("family_key",), ("family_start",)) == [(0, 1), (3, 4)]


def test_a_pair_that_shares_any_value_of_a_list_is_compared() -> None:
    assert blocked(rows_of(), ("phones",)) == [(0, 2), (1, 2)]


def test_a_pair_that_shares_two_values_of_a_list_is_compared_once() -> None:
    both = {"phone": ["13800000001", "13800000002"]}

    assert blocked(rows_of(both, both), ("phones",)) == [(0, 1)]


def test_only_pairs_with_a_touched_end_are_made() -> None:
    rows = rows_of(*({"city": "Rome"} for _ in range(5)))
    touched = np.array([False, True, False, True, False])

    found = blocked(rows, ("city",), touched=touched)

    assert found == [pair for pair in combinations(range(5), 2) if set(pair) & {1, 3}]


def test_all_pairs_are_drawn_where_there_are_few() -> None:
    drawn = pairs.draw(4, n_pairs=3, seed=0)

    found = list(zip(*(column.to_pylist() for column in drawn.columns), strict=True))
    assert found == list(combinations(range(4), 2))


def test_pairs_are_drawn_by_the_seed_and_never_of_one_unit() -> None:
    drawn, again, other = (pairs.draw(1000, n_pairs=500, seed=seed) for seed in (1, 1, 2))

    assert drawn.equals(again)
    assert not drawn.equals(other)
    assert all(left < right for left, right in zip(*drawn.to_pydict().values(), strict=True))


def test_names_agree_on_the_first_level_that_holds() -> None:
    found = levels_of()

    assert (found[0, 1]["given"], found[0, 1]["family"]) == ("same", "slip")
    assert (found[3, 4]["given"], found[3, 4]["family"]) == ("slip", "same")
    assert (found[0, 3]["given"], found[0, 3]["family"]) == ("differs", "differs")


def test_names_that_agree_crosswise_count_once() -> None:
    found = levels_of()

    assert (found[0, 2]["given"], found[0, 2]["family"]) == ("swapped", "nothing")


def test_what_is_missing_says_nothing() -> None:
    found = levels_of()

    assert found[0, 2]["city"] == "nothing"
    assert found[0, 3]["phone"] == "nothing"


def test_another_phone_of_several_is_an_agreement() -> None:
    found = levels_of()

    assert found[0, 2]["phone"] == "same"
    assert found[1, 2]["phone"] == "one_of_several"


def test_dates_agree_by_their_parts() -> None:
    dates = ("1990-02-03", "1990-02-04", "1990-03-02", "1970-02-03", "1990-11-28", "1991-07-09")
    found = levels_of(*({"birth_date": text} for text in dates))

    assert [found[0, other]["birth"] for other in range(1, 6)] == [
        "slip",
        "two_parts",
        "slip",
        "same_year",
        "near_year",
    ]


def test_a_gender_says_nothing_beside_an_equal_given_name() -> None:
    found = levels_of(
        {"given_name": "Ann", "gender": "f"},
        {"given_name": "Ann", "gender": "f"},
        {"given_name": "Bo", "gender": "f"},
        {"given_name": "Ann", "gender": "m"},
    )

    assert found[0, 1]["gender"] == "nothing"
    assert found[0, 2]["gender"] == "same"
    assert found[0, 3]["gender"] == "differs"


def test_addresses_agree_by_their_words() -> None:
    found = levels_of(
        {"address": "12 high street"},
        {"address": "High Street 12"},
        {"address": "12 high stret"},
        {"address": "77 mill lane"},
    )

    assert [found[0, other]["address"] for other in (1, 2, 3)] == ["same", "most_words", "differs"]


def test_no_level_depends_on_which_of_two_stands_left() -> None:
    records = [*PERSONS, {"given_name": "Annette", "family_name": "Fel"}, {"family_name": "Mose"}]
    n = len(records)

    there, back = levels_of(*records), levels_of(*reversed(records))

    assert there == {(n - 1 - right, n - 1 - left): found for (left, right), found in back.items()}


def test_the_rarity_of_an_agreeing_value_is_in_quarters_of_a_bit() -> None:
    rows = rows_of({"city": "Rome"}, {"city": "Rome"}, {"city": "Oslo"})
    fields = derive(rows, read_choices()).comparisons
    with pairs.workshop(rows, np.ones(3, dtype=np.bool_)) as connection:
        look_up(connection, {"city": Frequencies({}, rest=0.125)})
        connection.register("drawn", pairs.draw(3, n_pairs=9, seed=0))
        pairs.compare(connection, fields, pairs="drawn")

        found = pairs.compared(connection, fields, frequencies=["city"])

    # log2(1/8) = -3 bits, twelve quarters; where cities differ there is none
    assert found["rarity_city"].to_pylist() == [-12, 0, 0]
