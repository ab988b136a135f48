"""Every level of the shipped fields, with two values that stand on it."""

from collections.abc import Mapping

import numpy as np
import pytest

from algorithms.identity.linkage import pairs
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.settings import derive, read_choices
from tests.registers import persons_of

Record = Mapping[str, object]

# A third record fills all columns, so that every level may occur.
FULL: Record = {
    **dict.fromkeys(("region", "occupation", "source"), "zzz"),
    "full_name": "欧阳娜娜",
    "birth_date": "1955-05-15",
    "gender": "m",
    "address": "99 nowhere lane",
    "postcode": "99999",
    "city": "zzz",
    "national_id": "Z99999999",
    "phone": ["19900000001", "19900000002"],
    "email": ["zz@zz.org", "zy@zz.org"],
}


def level(name: str, *two: Record) -> str:
    """Return the level on which the first two records stand."""
    told = [*two, FULL]
    rows = match_rows(persons_of(told), np.arange(len(told)))
    fields = derive(rows, read_choices()).comparisons
    with pairs.workshop(rows, np.ones(len(told), dtype=np.bool_)) as connection:
        connection.register("drawn", pairs.draw(len(told), n_pairs=9, seed=0))
        pairs.compare(connection, fields, pairs="drawn")
        first = pairs.compared(connection, fields).to_pylist()[0]
    (field,) = [field for field in fields if field.name == name]
    says = [*(level.says for level in field.levels), "nothing"]
    place: int = first[f"level_{name}"]
    return says[place]


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("Robert Hill", "Robert Hill", "same"),
        ("张伟", "Zhang Wei", "swapped"),
        ("李伟", "李玮", "same_sound"),
        ("Robert Hill", "Hill Robert", "swapped"),
        ("Robert James Hill", "Robert Hill", "same_first"),
        ("Robert Hill", "Robrt Hill", "slip"),
        ("Ann Hill", "An Hill", "slip"),
        ("Rob Hill", "Robert Hill", "alike"),
        ("R Hill", "Robert Hill", "alike"),
        ("Robert Hill", "Susan Hill", "differs"),
    ],
)
def test_given_names(one: str, other: str, says: str) -> None:
    assert level("given", {"full_name": one}, {"full_name": other}) == says


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("Ann Hill", "Bo Hill", "same"),
        ("张伟", "章玮", "same_sound"),
        ("Ann Johnson", "Ann Johnsen", "slip"),
        ("Ann Li", "Ann Lu", "slip"),
        ("Ann Berg", "Ann Bergmann", "alike"),
        ("Ann Hill", "Ann Moss", "differs"),
        ("Ann Hill", "Hill Ann", "nothing"),
    ],
)
def test_family_names(one: str, other: str, says: str) -> None:
    assert level("family", {"full_name": one}, {"full_name": other}) == says


@pytest.mark.parametrize("family", ["Hill", "Hil"])
def test_a_family_name_or_its_slip_says_nothing_at_one_address(family: str) -> None:
    home = {"address": "12 high street"}

    found = level(
        "family", {"full_name": "Ann Hill", **home}, {"full_name": f"Bo {family}", **home}
    )

    assert found == "nothing"


def test_another_family_name_at_one_address_still_differs() -> None:
    home = {"address": "12 high street"}

    found = level("family", {"full_name": "Ann Hill", **home}, {"full_name": "Bo Moss", **home})

    assert found == "differs"


@pytest.mark.parametrize(
    ("name", "one", "other", "says"),
    [
        ("national_id", "AB1234567", "ab 1234567", "same"),
        ("national_id", "AB1234567", "AB1234657", "slip"),
        ("national_id", "AB1234567", "AB123456", "slip"),
        ("national_id", "AB1234567", "AB7654321", "differs"),
        ("postcode", "SW1A 1AA", "sw1a1aa", "same"),
        ("postcode", "10115", "10116", "slip"),
        ("postcode", "10115", "10199", "same_area"),
        ("postcode", "10115", "80331", "differs"),
        ("city", "London", "LONDON", "same"),
        ("city", "London", "Lonon", "slip"),
        ("city", "London", "Leeds", "differs"),
        ("region", "Bavaria", "bavaria", "same"),
        ("region", "Bavaria", "Hesse", "differs"),
        ("occupation", "Smith", "smith", "same"),
        ("occupation", "Smith", "Poet", "differs"),
        ("source", "crm", "crm", "same"),
        ("source", "crm", "web", "differs"),
        ("address", "12 high street", "street 12 high", "same"),
        ("address", "12 high street", "12 high stret", "most_words"),
        ("address", "unit 9 44 long elm close", "44 short elm grove", "some_words"),
        ("address", "12 high street", "8 elm court", "differs"),
    ],
)
def test_texts(name: str, one: str, other: str, says: str) -> None:
    assert level(name, {name: one}, {name: other}) == says


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (["13812345678"], ["+86 13812345678"], "same"),
        (["13812345678", "13999999999"], ["13999999999"], "one_of_several"),
        (["13812345678"], ["13812345679"], "slip"),
        (["02012345678"], ["4412012345678"], "slip"),
        (["13812345678"], ["13712345000"], "differs"),
        ([], ["13712345000"], "nothing"),
    ],
)
def test_phones(one: list[str], other: list[str], says: str) -> None:
    assert level("phone", {"phone": one}, {"phone": other}) == says


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (["ann.hill@x.org"], ["Ann.Hill@X.org"], "same"),
        (["ann.hill@x.org", "b@x.org"], ["b@x.org"], "one_of_several"),
        (["ann.hill@x.org"], ["ann.hill+shop@y.net"], "same_user"),
        (["ann.hill@x.org"], ["ann.hil@x.org"], "slip"),
        (["ann.hill@x.org"], ["bo.moss@y.net"], "differs"),
        (["ann.hill@x.org"], [], "nothing"),
    ],
)
def test_emails(one: list[str], other: list[str], says: str) -> None:
    assert level("email", {"email": one}, {"email": other}) == says


@pytest.mark.parametrize(
    ("finer", "coarser"),
    [("postcode", "city"), ("postcode", "region"), ("city", "region"), ("address", "postcode")],
)
def test_a_place_within_an_equal_one_says_nothing(finer: str, coarser: str) -> None:
    both = {finer: "12 high street", coarser: "same place"}

    assert level(coarser, both, both) == "nothing"
