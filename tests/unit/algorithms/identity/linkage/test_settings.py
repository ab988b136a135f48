"""What a register is compared by, derived from its columns."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.settings import (
    Choices,
    Settings,
    SettingsError,
    counts_of_pairs,
    derive,
    read_choices,
)
from tests.registers import made, persons_of


def rows_of(*records: Mapping[str, object]) -> pa.Table:
    return match_rows(persons_of(records), np.arange(len(records)))


def levels(settings: Settings) -> dict[str, list[str]]:
    return {field.name: [level.says for level in field.levels] for field in settings.comparisons}


def limited(**limits: float) -> Choices:
    choices = read_choices()
    return choices.model_copy(update={"limits": choices.limits.model_copy(update=limits)})


def test_only_columns_that_are_there_are_compared() -> None:
    rows = rows_of({"full_name": "Ann Moss", "birth_date": "1990-01-01"}, {"full_name": "Bo Fell"})

    settings = derive(rows, read_choices())

    assert set(levels(settings)) == {"given", "family", "birth"}


def test_a_column_that_hardly_anybody_fills_is_not_compared() -> None:
    rows = rows_of({"gender": "f", "city": "Rome"}, *({"city": "Oslo"} for _ in range(200)))

    assert set(levels(derive(rows, read_choices()))) == {"city"}


def test_sounds_are_compared_where_names_are_in_han_characters() -> None:
    han = derive(rows_of({"full_name": "张伟"}, {"full_name": "Ann Moss"}), read_choices())
    latin = derive(rows_of({"full_name": "Bo Fell"}, {"full_name": "Ann Moss"}), read_choices())

    assert "same_sound" in levels(han)["given"]
    assert "same_sound" not in levels(latin)["given"]


def test_lists_are_compared_where_somebody_has_several() -> None:
    one = rows_of({"phone": ["13812345678"]}, {"phone": ["13812345678"]})
    two = rows_of({"phone": ["13812345678", "13912345678"]}, {"phone": ["13812345678"]})

    assert ("phone",) in derive(one, read_choices()).blocks
    assert ("phones",) in derive(two, read_choices()).blocks
    assert "one_of_several" in levels(derive(two, read_choices()))["phone"]
    assert "one_of_several" not in levels(derive(one, read_choices()))["phone"]


def test_sources_are_compared_where_there_are_several() -> None:
    one = rows_of({"source": "crm", "city": "Rome"}, {"source": "crm", "city": "Rome"})
    two = rows_of({"source": "crm", "city": "Rome"}, {"source": "web", "city": "Rome"})

    assert set(levels(derive(one, read_choices()))) == {"city"}
    assert set(levels(derive(two, read_choices()))) == {"city", "source"}


def test_the_expectations_of_the_levels_left_sum_to_one() -> None:
    settings = derive(rows_of({"birth_year": "1990"}, {"birth_year": "1990"}), read_choices())

    (birth,) = settings.comparisons
    assert sum(level.m for level in birth.levels) == pytest.approx(1.0)


def test_the_city_of_an_equal_postcode_says_nothing_more() -> None:
    with_postcode = rows_of({"city": "Rome", "postcode": "1"}, {"city": "Rome", "postcode": "1"})
    without = rows_of({"city": "Rome"}, {"city": "Rome"})

    by_name = {field.name: field for field in derive(with_postcode, read_choices()).comparisons}
    (alone,) = derive(without, read_choices()).comparisons
    assert "postcode_l = postcode_r" in by_name["city"].null
    assert "postcode" not in alone.null


def test_pairs_of_a_block_are_counted() -> None:
    rows = made([3, 2, 1, 1], seed=5, slips=0.2).persons
    rows = match_rows(rows, np.arange(rows.num_rows))
    keys = ("family_key", "birth_year")

    (found,) = counts_of_pairs(rows, [keys])

    records = rows.select(list(keys)).to_pylist()
    agree = [a == b and None not in a.values() for a, b in combinations(records, 2)]
    assert found == sum(agree)


def test_pairs_that_share_one_of_several_values_are_counted_once_for_each() -> None:
    rows = rows_of(
        {"phone": ["13812345678", "13912345678"]},
        {"phone": ["13812345678", "13912345678"]},
        {"phone": ["13912345678"]},
        {"phone": []},
    )

    assert counts_of_pairs(rows, [("phones",), ("phone",)]) == [4, 1]


def test_blocks_are_taken_rarest_first_while_the_pairs_stay_within_the_limits() -> None:
    register = made([2] * 150, seed=2)
    rows = match_rows(register.persons, np.arange(300))

    wide = derive(rows, limited(min_pairs=10**6))
    narrow = derive(rows, limited(min_pairs=1, pairs_per_row=2))

    counts = counts_of_pairs(rows, wide.blocks)
    assert counts == sorted(counts)
    assert wide.n_pairs == sum(counts)
    assert narrow.n_pairs <= 600
    assert set(narrow.blocks) < set(wide.blocks)


def test_no_rows_are_compared_by_nothing() -> None:
    rows = rows_of({"city": "Rome"}).slice(0, 0)

    settings = derive(rows, read_choices())

    assert (settings.blocks, settings.n_pairs) == ((), 0)


# ---------------------------------------------------------------------- the file


def test_a_file_replaces_single_values_and_whole_fields(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        [limits]
        resolution = 0.1
        [[field]]
        name = "city"
        needs = ["city"]
        nulls = [{ sql = "city_l IS NULL OR city_r IS NULL" }]
        levels = [
            { says = "same", m = 0.9, sql = "city_l = city_r" },
            { says = "differs", m = 0.1, sql = "ELSE" },
        ]
        """
    )

    choices = read_choices(path)

    shipped = read_choices()
    city = next(field for field in choices.field if field.name == "city")
    assert choices.limits.resolution == 0.1
    assert choices.limits.max_pairs == shipped.limits.max_pairs
    assert [level.says for level in city.levels] == ["same", "differs"]
    assert len(choices.field) == len(shipped.field)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[limits]\nresolution = 2", "limits.resolution"),
        ("[limits]\nspeed = 2", "limits.speed"),
        ("[[field]]\nname = 'x'", "field.13.needs"),
        ("[[field]]\nnames = 'x'", "file"),
        ("blocks = [['phones', 'city']]", "blocks"),
        ("what", "file"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)

    with pytest.raises(SettingsError) as refused:
        read_choices(path)

    assert str(refused.value.facts["place"]) == place
    assert str(path) in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        read_choices(tmp_path / "nowhere.toml")


def test_every_column_that_the_shipped_file_names_can_be_a_match_column() -> None:
    record: dict[str, object] = {
        name: "1990-02-03" if name == "birth_date" else "张伟 1990"
        for name in ("birth_date", "address", "postcode", "city", "region", "occupation", "source")
    }
    record |= {"full_name": "张伟", "gender": "f", "national_id": "X1"}
    record |= {"phone": ["13812345678"], "email": ["a@x.org"]}
    columns = set(rows_of(record).column_names)

    choices = read_choices()

    named = {name for field in choices.field for name in (*field.columns, *field.needs)}
    named |= {name for keys in choices.blocks for name in keys}
    named |= {name for field in choices.field for name in field.implied_by}
    assert named <= columns


@pytest.mark.parametrize(
    ("records", "resolution"), [(1.0, 0.25), (1.49, 0.25), (1.5, 0.5), (4, 0.5)]
)
def test_rows_that_stand_for_several_records_join_at_even_odds(
    records: float, resolution: float
) -> None:
    choices = read_choices().for_units(of=records)

    assert choices.limits.resolution == resolution
