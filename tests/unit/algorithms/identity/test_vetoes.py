"""Who is not joined although they share an identifier, and why."""

from dataclasses import replace

import pyarrow as pa
import pytest

from algorithms.identity.persons import are_alike, are_near, name_keys
from algorithms.identity.resolution import Resolution
from algorithms.identity.words import PINS, Words
from tests.identity_world import facts_of, groups, run


def refused(resolution: Resolution) -> dict[tuple[str, str], str]:
    rows = resolution.links.to_pylist()
    return {(r["start_id"], r["end_id"]): r["refused_reason"] for r in rows if r["refused_reason"]}


def pinned(*pins: tuple[str, str, bool]) -> Words:
    rows = [dict(zip(PINS.names, pin, strict=True)) for pin in pins]
    return Words(pins=pa.Table.from_pylist(rows, PINS))


def test_two_birth_dates_on_one_phone_are_two_people() -> None:
    found = run(facts_of("crm:1 member phone:1 =1990-04-07", "erp:1 member phone:1 =1961-01-30"))

    assert len(groups(found)) == 2
    assert refused(found) == {("erp:1", "phone:1"): "birth_date"}


def test_one_birth_date_outweighs_two_names() -> None:
    lines = ("crm:1 member phone:1 =1990-04-07 ~anna", "erp:1 member phone:1 =1990-04-07 ~berta")

    found = run(facts_of(*lines))

    assert len(groups(found)) == 1
    assert refused(found) == {}


def test_two_names_are_two_people_where_a_birth_date_is_missing() -> None:
    found = run(facts_of("crm:1 member phone:1 =1990-04-07 ~anna", "erp:1 member phone:1 ~berta"))

    assert len(groups(found)) == 2
    assert refused(found) == {("erp:1", "phone:1"): "name"}


def test_who_says_nothing_of_himself_contradicts_nobody() -> None:
    found = run(facts_of("crm:1 member phone:1 =1990-04-07 ~anna", "pos:1 card phone:1"))

    assert len(groups(found)) == 1


@pytest.mark.parametrize("other", ["1990-04-08", "1990-04-70", "1990-07-04", "1909-04-07"])
def test_a_slip_in_a_date_is_forgiven_to_the_same_name(other: str) -> None:
    lines = ("crm:1 member phone:1 =1990-04-07 ~anna", f"erp:1 member phone:1 ={other} ~anna")

    assert len(groups(run(facts_of(*lines)))) == 1


def test_a_slip_in_a_date_is_not_forgiven_to_another_name() -> None:
    lines = ("crm:1 member phone:1 =1990-04-07 ~anna", "erp:1 member phone:1 =1990-04-08 ~berta")

    assert len(groups(run(facts_of(*lines)))) == 2


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("1990-04-07", "1990-04-07", True),
        ("1990-04-07", "1990-12-11", False),
        ("1990-04-07", "1990-4-07", False),
        ("1990-12-31", "1990-31-12", True),
    ],
)
def test_dates_are_near_if_one_slip_parts_them(one: str, other: str, *, near: bool) -> None:
    assert are_near(one, other) is near


def test_strong_evidence_is_not_vetoed_by_names() -> None:
    found = run(facts_of("crm:1 member card_no:1 ~anna", "erp:1 member card_no:1 ~berta"))

    assert len(groups(found)) == 1


def test_two_passports_are_two_people_even_on_one_card() -> None:
    lines = ("crm:1 member card_no:1 national_id:1", "erp:1 member card_no:1 national_id:2")

    found = run(facts_of(*lines))

    assert len(groups(found)) == 2
    assert refused(found) == {("erp:1", "card_no:1"): "unique"}


def test_a_person_may_have_two_union_ids_but_not_three() -> None:
    lines = [f"crm:{i} member phone:1 union_id:{i}" for i in "123"]

    assert sorted(len(group) for group in groups(run(facts_of(*lines)))) == [1, 2]


def test_a_bare_account_goes_with_whoever_had_the_phone_first() -> None:
    lines = (
        "crm:1 member phone:1@5 =1990-04-07",
        "erp:1 member phone:1@3 =1961-01-30",
        "pos:1 card phone:1@4",
    )

    found = run(facts_of(*lines))

    assert groups(found) == {frozenset({"erp:1", "pos:1"}), frozenset({"crm:1"})}


def test_stronger_evidence_is_joined_first() -> None:
    lines = (
        "crm:1 member phone:1@1 =1990-04-07",
        "erp:1 member phone:1@2 card_no:9 =1961-01-30",
        "pos:1 card phone:1@1 card_no:9",
    )

    assert groups(run(facts_of(*lines))) == {frozenset({"erp:1", "pos:1"}), frozenset({"crm:1"})}


def test_who_is_joined_by_something_else_was_not_refused() -> None:
    lines = (
        "crm:1 member phone:1 ~anna",
        "erp:1 member phone:1 card_no:9 ~berta",
        "pos:1 card card_no:9 open_id:5",
        "web:1 member open_id:5 phone:1 ~anna",
    )

    found = run(facts_of(*lines))

    assert len(groups(found)) == 1
    assert refused(found) == {}


def test_a_number_that_comes_back_to_somebody_else_is_another_number() -> None:
    lines = (
        "crm:1 member phone:1@0-10 =1990-04-07",
        "pos:1 card phone:1@8-9",
        "erp:1 member phone:1@100-120 =1961-01-30",
        "pos:2 card phone:1@110",
    )

    found = run(facts_of(*lines))

    assert groups(found) == {frozenset({"crm:1", "pos:1"}), frozenset({"erp:1", "pos:2"})}
    epochs = {row["start_id"]: row["epoch"] for row in found.links.to_pylist()}
    assert epochs == {"crm:1": 1, "pos:1": 1, "erp:1": 2, "pos:2": 2}


def test_a_number_unseen_for_long_is_still_the_same_persons() -> None:
    lines = ("crm:1 member phone:1@0-10 =1990-04-07", "pos:1 card phone:1@400")

    found = run(facts_of(*lines))

    assert len(groups(found)) == 1
    assert set(found.links["epoch"].to_pylist()) == {None}


def test_owners_in_turn_are_counted_each_for_themselves() -> None:
    early = [f"crm:{i} member phone:1@0-10 =1990-04-07" for i in "123"]
    late = [f"crm:{i} member phone:1@100 =1961-01-30" for i in "456"]

    found = run(facts_of(*early, *late))

    assert sorted(len(group) for group in groups(found)) == [3, 3]
    assert found.identifiers["n_accounts"].to_pylist() == [3]


@pytest.mark.parametrize(("kind", "days"), [("cookie", 400), ("device", 180)])
def test_a_device_unseen_for_its_window_is_another_one(kind: str, days: int) -> None:
    within = run(facts_of(f"crm:1 member {kind}:1@0", f"web:1 visitor {kind}:1@{days}"))
    after = run(facts_of(f"crm:1 member {kind}:1@0", f"web:1 visitor {kind}:1@{days + 1}"))

    assert len(groups(within)) == 1
    assert len(groups(after)) == 2


def test_a_stewards_apart_keeps_two_accounts_apart_whatever_joins_them() -> None:
    facts = facts_of("crm:1 member card_no:1", "erp:1 member card_no:1", "pos:1 card card_no:1")

    found = run(replace(facts, words=pinned(("erp:1", "crm:1", False))))

    assert {"crm:1", "erp:1"} not in groups(found)
    assert len(groups(found)) == 2
    assert "steward" in refused(found).values()


def test_a_stewards_together_joins_what_nothing_joins_and_what_vetoes_forbid() -> None:
    facts = facts_of("crm:1 member =1990-04-07", "erp:1 member =1961-01-30")

    found = run(replace(facts, words=pinned(("crm:1", "erp:1", True))))

    assert len(groups(found)) == 1
    assert set(found.resolved["rule"].to_pylist()) == {"steward"}


def test_a_pin_of_an_account_that_is_not_here_does_nothing() -> None:
    facts = facts_of("crm:1 member", "erp:1 member")

    found = run(replace(facts, words=pinned(("crm:1", "erp:9", True))))

    assert len(groups(found)) == 2


def test_a_steward_blocks_an_identifier_and_lets_one_through() -> None:
    blocked = facts_of("crm:1 member phone:1", "erp:1 member phone:1")
    shared = facts_of(*(f"crm:{i} member email:1" for i in range(5)))

    kept = run(replace(blocked, words=Words(blocked=pa.array(["phone:1"]))))
    joined = run(replace(shared, words=Words(unblocked=pa.array(["email:1"]))))

    assert len(groups(kept)) == 2
    assert kept.identifiers.to_pylist()[0]["reason"] == "steward"
    assert len(groups(joined)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("張偉", "张伟"),
        ("张伟", "Zhang Wei"),
        ("张伟", "WEI ZHANG"),
        ("zhāng wěi", "张 伟"),
        ("王旭福", "Wang Xufu"),
        ("段佳琳", "段女士"),
        ("马磊", "马磊明"),
        ("陈元刚", "陈元平"),
        ("欧阳娜娜", "Ouyang Nana"),
        ("Smith, John", "Mr. John A. Smith"),
        ("Jonathan Miller", "J. Miller"),
        ("Catherine Jones", "Katherine Jones"),
        ("Anna Maria Rossi", "Rossi Anna"),
    ],
)
def test_what_one_person_may_be_called_is_alike(one: str, other: str) -> None:
    first, second = name_keys(pa.array([one, other])).to_pylist()

    assert are_alike(first, second)
    assert are_alike(second, first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王芳", "王刚"),
        ("马磊", "马丽"),
        ("李云芳", "李宁梅"),
        ("张伟", "赵敏"),
        ("Anna Smith", "Berta Smith"),
        ("Tom Smith", "Tim Jones"),
    ],
)
def test_relatives_and_strangers_are_not_called_alike(one: str, other: str) -> None:
    first, second = name_keys(pa.array([one, other])).to_pylist()

    assert not are_alike(first, second)
    assert not are_alike(second, first)


def test_a_name_without_letters_is_no_name() -> None:
    assert name_keys(pa.array(["--", None, "1234"])).to_pylist() == [None, None, None]
