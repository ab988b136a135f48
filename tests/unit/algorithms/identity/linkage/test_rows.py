"""One row a customer, with the columns to match on."""

import numpy as np
import pytest

from algorithms.identity.linkage.rows import match_rows
from tests.registers import persons_of


def test_three_spellings_of_a_name_share_a_key() -> None:
    persons = persons_of(
        [{"full_name": name} for name in ("张伟", "張偉", "Zhang Wei", "Wei Zhang")]
    )

    rows = match_rows(persons, np.arange(4))

    assert rows["name_key"].to_pylist() == ["wei zhang"] * 4
    assert rows["given"].to_pylist() == ["伟", "伟", "zhang", "wei"]


def test_a_customer_gets_the_most_frequent_value_and_of_several_the_smallest() -> None:
    persons = persons_of([{"city": city} for city in ("Rome", "Oslo", "ROME", "Bonn", "Bern")])

    rows = match_rows(persons, np.array([0, 0, 0, 1, 1]))

    assert rows["city"].to_pylist() == ["rome", "bern"]


def test_a_name_is_chosen_whole_and_a_complete_one_before_a_frequent_one() -> None:
    persons = persons_of(
        [
            {"given_name": "Ann", "family_name": "Zorn"},
            {"given_name": "Zoe", "family_name": "Abel"},
            {"family_name": "Moon"},
            {"family_name": "Moon"},
        ]
    )

    rows = match_rows(persons, np.zeros(4, dtype=np.int64))

    assert rows.select(["given", "family"]).to_pylist() == [{"given": "ann", "family": "zorn"}]


def test_given_and_family_names_take_what_they_lack_from_the_whole_name() -> None:
    persons = persons_of([{"full_name": "Anna Berg", "given_name": None, "family_name": "Holm"}])

    rows = match_rows(persons, np.array([0]))

    assert rows.select(["given", "family"]).to_pylist() == [{"given": "anna", "family": "holm"}]


def test_all_phones_and_emails_are_kept() -> None:
    persons = persons_of(
        [
            {"phone": ["13812345678", "+8613812345678"], "email": ["a+news@x.org"]},
            {"phone": ["02079461234"], "email": []},
        ]
    )

    rows = match_rows(persons, np.array([0, 0]))

    assert rows["phones"].to_pylist() == [["02079461234", "13812345678"]]
    assert rows["phone"].to_pylist() == ["13812345678"]
    assert rows["phone_tail"].to_pylist() == ["12345678"]
    assert rows["email_user"].to_pylist() == ["a"]


def test_a_year_alone_is_enough_to_have_one() -> None:
    persons = persons_of(
        [
            {"birth_date": "1990-02-03", "birth_year": None},
            {"birth_date": None, "birth_year": "1991"},
        ]
    )

    rows = match_rows(persons, np.arange(2))

    assert rows["birth_year"].to_pylist() == [1990, 1991]
    assert rows["birth_day"].to_pylist() == ["02-03", None]


def test_a_customer_of_several_sources_has_none() -> None:
    persons = persons_of([{"source": source} for source in ("crm", "crm", "crm", "web")])

    rows = match_rows(persons, np.array([0, 0, 1, 1]))

    assert rows["source"].to_pylist() == ["crm", None]


def test_a_customer_of_whom_nothing_is_known_keeps_his_row() -> None:
    persons = persons_of(
        [{"city": "Rome", "phone": ["13812345678"]}, {"city": None, "phone": None}]
    )

    rows = match_rows(persons, np.arange(2))

    assert rows["unit"].to_pylist() == [0, 1]
    assert rows.slice(1).to_pylist()[0]["phones"] is None


def test_a_column_that_nobody_fills_is_absent() -> None:
    persons = persons_of([{"city": None, "gender": "f"}])

    rows = match_rows(persons, np.array([0]))

    assert rows.column_names == ["unit", "gender"]


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_any_row_is_no_error(n: int) -> None:
    persons = persons_of([{"full_name": "Anna Berg", "phone": ["13812345678"]}]).slice(0, n)

    rows = match_rows(persons, np.arange(n))

    assert rows.num_rows == n


def test_the_order_of_accounts_says_nothing() -> None:
    records = [
        {"full_name": name, "city": city} for name in ("Ann Moss", "Bo Fell") for city in "xyz"
    ]
    group = np.array([0, 0, 1, 1, 2, 2])
    shuffled = np.random.default_rng(3).permutation(6)

    rows = match_rows(persons_of(records), group)
    again = match_rows(persons_of([records[at] for at in shuffled]), group[shuffled])

    assert rows.equals(again)
