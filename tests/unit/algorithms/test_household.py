"""Who shares a home: from accounts and identifiers, as resolution judges them, to households."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pytest

from algorithms.contract import Result
from algorithms.household import ALGORITHM
from algorithms.identity.evidence import Facts
from algorithms.identity.words import Word, words_of
from algorithms.parameters import ParameterError
from tests.identity_world import customers, facts_of, run
from tests.pure import Rows, result_of

LINK = "Customer-IN_HOUSEHOLD-Household"
ANN = "crm:ann member phone:1 =1960-01-01 ~ann"
BOB = "crm:bob member phone:1 =1990-02-02 ~bob"

Tables = dict[str, Rows]


def tables_of(facts: Facts) -> Tables:
    """Return the tables as they are read back after resolving."""
    resolution = run(facts)
    who = customers(resolution)
    kinds = dict(facts.accounts.select(["account_id", "kind"]).to_pandas().to_numpy().tolist())
    links = {(row["start_id"], row["end_id"]): row for row in resolution.links.to_pylist()}
    judged = {row["identifier_key"]: row for row in resolution.identifiers.to_pylist()}
    identifiers = [
        {
            **links[row["account_id"], row["identifier_key"]],
            **judged[row["identifier_key"]],
            "account_id": row["account_id"],
            "customer_id": who[row["account_id"]],
            "kind": row["kind"],
        }
        for row in facts.identifiers.to_pylist()
    ]
    columns = ALGORITHM.reads["identifiers"]
    return {
        "accounts": [{"account_id": a, "customer_id": c, "kind": kinds[a]} for a, c in who.items()],
        "identifiers": [{name: row[name] for name in columns} for row in identifiers],
    }


def result(*lines: str, **limits: int) -> Result:
    return found_in(tables_of(facts_of(*lines)), **limits)


def found_in(tables: Tables, **limits: int) -> Result:
    rows = {name: _read(name, tables[name]) for name in tables}
    return result_of(ALGORITHM, rows, settings={name: str(n) for name, n in limits.items()})


def _read(name: str, rows: Rows) -> Rows:
    return [{column: row[column] for column in ALGORITHM.reads[name]} for row in rows]


def homes(*lines: str, **limits: int) -> set[frozenset[str]]:
    """Return the accounts of the customers of each household."""
    return homes_in(facts_of(*lines), **limits)


def homes_in(facts: Facts, **limits: int) -> set[frozenset[str]]:
    found = found_in(tables_of(facts), **limits).frames[LINK]
    accounts: dict[str, list[str]] = {}
    for account, customer in customers(run(facts)).items():
        accounts.setdefault(customer, []).append(account.partition(":")[2])
    members: dict[str, set[str]] = {}
    for customer, household in zip(found["start_id"], found["end_id"], strict=True):
        members.setdefault(household, set()).update(accounts[customer])
    return {frozenset(group) for group in members.values()}


def basis(*lines: str) -> dict[str, list[str]]:
    """Return what each customer shares, by the customer's smallest account."""
    facts = facts_of(*lines)
    names = {c: a.partition(":")[2] for a, c in sorted(customers(run(facts)).items(), reverse=True)}
    frame = found_in(tables_of(facts)).frames[LINK]
    return {
        names[c]: list(kinds) for c, kinds in zip(frame["start_id"], frame["basis"], strict=True)
    }


# ------------------------------------------------------------------------- who belongs together


def test_two_whom_a_birth_date_keeps_apart_on_one_phone_share_a_home() -> None:
    assert homes(ANN, BOB) == {frozenset({"ann", "bob"})}


def test_the_same_person_twice_is_no_household() -> None:
    assert homes(ANN, ANN.replace("crm", "erp")) == set()


def test_customers_alone_are_in_no_household() -> None:
    assert homes(ANN, BOB.replace("phone:1", "phone:2"), "crm:eve member") == set()


def test_a_device_of_two_registered_accounts_is_a_homes() -> None:
    ann, bob = "crm:ann member device:1", "crm:bob member device:1"

    assert homes(ann, bob) == {frozenset({"ann", "bob"})}
    assert basis(ann, bob) == {"ann": ["device"], "bob": ["device"]}


def test_every_account_of_a_customer_is_in_the_household_of_one() -> None:
    found = homes(ANN, "erp:ann2 member phone:1 email:1 =1960-01-01 ~ann", BOB)

    assert found == {frozenset({"ann", "ann2", "bob"})}


def test_homes_are_tied_together_by_whatever_is_shared() -> None:
    lines = [
        ANN + " device:1",
        BOB,
        "crm:eve member device:1",
        "crm:joe member cookie:2",
        "crm:kim member cookie:2",
    ]

    assert homes(*lines) == {frozenset({"ann", "bob", "eve"}), frozenset({"joe", "kim"})}
    assert basis(*lines) == {
        "ann": ["phone", "device"],
        "bob": ["phone"],
        "eve": ["device"],
        "joe": ["cookie"],
        "kim": ["cookie"],
    }


def test_whoever_a_steward_keeps_apart_may_share_a_home() -> None:
    same = [ANN, ANN.replace("crm:ann", "erp:bea")]
    word = Word("apart", "kay", "twins", accounts=("crm:ann", "erp:bea"))
    facts = replace(facts_of(*same), words=words_of([word]))

    assert homes_in(facts) == {frozenset({"ann", "bea"})}


def test_an_address_is_a_homes_though_it_joins_nobody() -> None:
    lines = ["crm:ann member address:1", "crm:bob member address:1"]

    assert homes(*lines) == {frozenset({"ann", "bob"})}
    assert basis(*lines)["ann"] == ["address"]


# ------------------------------------------------------------------------- who does not


@pytest.mark.parametrize("kind", ["visitor", "call", "partner"])
def test_a_record_that_is_no_registered_account_is_no_member(kind: str) -> None:
    assert homes(
        "crm:ann member cookie:1", "crm:bob member cookie:1", f"web:x {kind} cookie:1"
    ) == {frozenset({"ann", "bob"})}
    assert homes("crm:ann member phone:1 ~ann", f"web:x {kind} phone:1 ~xi") == set()


def test_a_card_number_is_no_sign_of_a_home() -> None:
    lines = ["crm:ann member card_no:1 national_id:1", "erp:bob member card_no:1 national_id:2"]

    assert len(set(customers(run(facts_of(*lines))).values())) == 2
    assert homes(*lines) == set()


def test_a_hub_ties_nobody() -> None:
    lines = [f"crm:{n} member device:1" for n in range(11)]

    assert homes(*lines, maximum=50, sharers=50) == set()


def test_a_value_that_is_nobodys_ties_nobody() -> None:
    assert homes("crm:ann member !phone:1", "crm:bob member !phone:1") == set()
    assert homes("crm:ann member !address:1", "crm:bob member !address:1") == set()


def test_who_had_a_number_before_shares_nothing_with_who_has_it_now() -> None:
    before = "crm:ann member phone:1@0-20 =1960-01-01 ~ann"
    after = "crm:bob member phone:1@120-150 =1990-02-02 ~bob"
    wife = "crm:eve member phone:1@120-150 =1992-03-03 ~eve"

    assert homes(before, after) == set()
    assert homes(before, after, wife) == {frozenset({"bob", "eve"})}


def test_one_owner_in_turn_may_share_where_another_does_not() -> None:
    family = [f"crm:{n} member device:1@300-310" for n in "bc"]
    lines = ["crm:a member device:1@0-10", *family]

    assert homes(*lines) == {frozenset({"b", "c"})}


# ------------------------------------------------------------------------- how large it may be


def test_an_identifier_of_more_than_live_in_one_home_is_passed_over_and_counted() -> None:
    lines = [f"crm:{n} member address:1" for n in range(4)]

    crowded = result(*lines, sharers=3)

    assert crowded.frames[LINK].empty
    assert crowded.frames["Household"].empty
    assert crowded.metrics == {"crowded_identifiers": 1, "components_broken_up": 0}
    assert homes(*lines, sharers=4) == {frozenset({"0", "1", "2", "3"})}


def test_a_crowd_does_not_part_those_who_share_something_else() -> None:
    crowd = [f"crm:{n} member address:1" for n in range(9)]
    lines = [*crowd, "crm:x member address:1 device:1", "crm:y member device:1"]

    assert homes(*lines) == {frozenset("xy")}


def test_a_chain_that_is_too_long_falls_apart_best_evidence_first() -> None:
    lines = [
        "crm:a member device:1",
        "crm:b member device:1 phone:1 =1960-01-01",
        "crm:c member phone:1 device:2 =1987-12-23",
        "crm:d member device:2 device:3",
        "crm:e member device:3",
    ]

    assert homes(*lines, maximum=5) == {frozenset("abcde")}
    assert homes(*lines, maximum=4) == {frozenset("bc"), frozenset("de")}
    assert result(*lines, maximum=4).metrics == {
        "crowded_identifiers": 0,
        "components_broken_up": 1,
    }


def test_what_a_household_rests_on_once_a_chain_fell_apart_is_its_own_identifier() -> None:
    lines = [
        "crm:a member device:1",
        "crm:b member device:1 phone:1 =1960-01-01",
        "crm:c member phone:1 =1987-12-23",
    ]

    frame = result(*lines, maximum=2).frames[LINK]

    assert [list(kinds) for kinds in frame["basis"]] == [["phone"], ["phone"]]


def test_whoever_is_left_of_an_identifier_keeps_it_as_a_home() -> None:
    lines = [
        "crm:a member phone:1 address:1 =1960-01-01",
        "crm:b member phone:1 =1987-12-23",
        "crm:c member address:1",
        "crm:d member address:1",
    ]

    assert homes(*lines, maximum=3) == {frozenset("ab"), frozenset("cd")}


@pytest.mark.parametrize("limit", ["maximum", "sharers"])
def test_a_household_of_one_is_refused_as_a_parameter(limit: str) -> None:
    with pytest.raises(ParameterError, match=limit):
        result(ANN, **{limit: 1})


# ------------------------------------------------------------------------- ids and sizes


def id_of(account_id: str) -> str:
    return "h" + hashlib.sha256(f"household:{account_id}".encode()).hexdigest()[:15]


def test_size_counts_customers_and_not_accounts() -> None:
    found = result(ANN, ANN.replace("crm:ann", "erp:ann2"), BOB)

    assert found.frames["Household"]["size"].tolist() == [2]


def test_the_id_comes_from_the_smallest_account_that_shares() -> None:
    found = result(BOB, ANN, "app:aaa member card_no:1 =1960-01-01 ~ann")

    assert found.frames["Household"]["household_id"].tolist() == [id_of("crm:ann")]


def test_of_several_accounts_of_a_customer_the_smallest_that_shares_counts() -> None:
    found = result(BOB, ANN, ANN.replace("crm:ann", "erp:ann2"))

    assert found.frames["Household"]["household_id"].tolist() == [id_of("crm:ann")]


def test_every_household_has_the_id_of_its_own_smallest_account() -> None:
    lines = [f"crm:{n}{m} member device:{n}" for n in range(9) for m in "xy"]

    ids = result(*lines).frames["Household"]["household_id"]

    assert set(ids) == {id_of(f"crm:{n}x") for n in range(9)}


def test_another_secret_gives_the_same_households() -> None:
    lines = [
        "crm:a member device:1",
        "crm:b member device:1 device:2",
        "crm:c member device:2 device:3",
        "crm:d member device:3 cookie:9",
        "crm:e member cookie:9",
    ]
    first = tables_of(facts_of(*lines))
    keys = sorted({str(row["identifier_key"]) for row in first["identifiers"]})
    renamed: Mapping[str, str] = dict(zip(keys, reversed(keys), strict=True))
    second = {
        **first,
        "identifiers": [
            {**row, "identifier_key": renamed[str(row["identifier_key"])]}
            for row in first["identifiers"]
        ],
    }

    for maximum in (2, 3, 4, 5):
        one, other = (found_in(tables, maximum=maximum).frames for tables in (first, second))
        assert one[LINK].equals(other[LINK])
        assert one["Household"].equals(other["Household"])


@pytest.mark.parametrize("seed", range(5))
def test_how_a_chain_falls_apart_depends_on_no_order_of_rows(seed: int) -> None:
    lines = [f"crm:{n} member device:{n} device:{n + 1}" for n in range(8)]
    tables = tables_of(facts_of(*lines))
    expected = found_in(tables, maximum=3).frames[LINK]
    mixed = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in tables.items()}

    found = found_in(mixed, maximum=3)

    assert found.metrics["components_broken_up"] == 1
    assert found.frames[LINK].equals(expected)
    assert expected["end_id"].nunique() == 4
    assert set(expected["end_id"]) == {id_of(f"crm:{n}") for n in (0, 2, 4, 6)}


def test_members_come_in_order_and_households_too() -> None:
    lines = [f"crm:{n}{m} member device:{n}" for n in range(9) for m in "xy"]

    frames = result(*lines).frames

    ids = frames["Household"]["household_id"].tolist()
    ends = list(zip(frames[LINK]["start_id"], frames[LINK]["end_id"], strict=True))
    assert len(ids) == 9
    assert ids == sorted(ids)
    assert ends == sorted(ends)


def test_nothing_shared_gives_no_household() -> None:
    frames = result("crm:ann member").frames

    assert frames["Household"].empty
    assert frames[LINK].empty
    assert list(frames[LINK].columns) == ["start_id", "end_id", "basis"]
    assert pa.Array.from_pandas(frames[LINK]["basis"]).type == pa.list_(pa.string())
