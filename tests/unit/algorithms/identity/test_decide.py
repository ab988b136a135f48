"""Who is joined, and by what."""

import pytest

from algorithms.identity.policy import read_policy
from algorithms.identity.resolution import Resolution
from tests.identity_world import facts_of, groups, run


def why(resolution: Resolution) -> dict[str, tuple[str, float]]:
    rows = resolution.resolved.to_pylist()
    return {row["start_id"]: (row["rule"], row["confidence"]) for row in rows}


def test_accounts_are_joined_along_a_chain_of_identifiers() -> None:
    found = run(
        facts_of(
            "crm:1 member phone:1",
            "erp:7 member phone:1 email:a",
            "pos:3 card email:a card_no:9",
            "web:5 visitor card_no:9",
            "web:6 visitor",
        )
    )

    assert groups(found) == {
        frozenset({"crm:1", "erp:7", "pos:3", "web:5"}),
        frozenset({"web:6"}),
    }


def test_each_account_names_the_best_evidence_that_joins_it() -> None:
    found = run(
        facts_of(
            "crm:1 member phone:1 union_id:u",
            "erp:7 member phone:1 email:a",
            "pos:3 card union_id:u phone:1",
            "web:5 visitor email:a",
        )
    )

    rules = {account: rule for account, (rule, _) in why(found).items()}
    assert rules == {"crm:1": "union_id", "erp:7": "phone", "pos:3": "union_id", "web:5": "email"}


def test_the_confidence_is_that_of_the_kind_in_the_policy() -> None:
    found = run(facts_of("crm:1 member email:a", "erp:1 member email:a", "web:1 visitor"))

    email = read_policy().kinds["email"].confidence
    assert why(found) == {
        "crm:1": ("email", email),
        "erp:1": ("email", email),
        "web:1": ("alone", 1.0),
    }


@pytest.mark.parametrize("key", ["phone:9", "cookie:9", "!phone:9"])
def test_an_identifier_that_joins_nobody_leaves_its_account_alone(key: str) -> None:
    found = run(facts_of(f"crm:1 member {key}"))

    assert why(found) == {"crm:1": ("alone", 1.0)}


def test_a_shared_identifier_is_no_reason_even_inside_one_customer() -> None:
    family = [f"crm:{i} member phone:1" for i in range(4)]

    found = run(facts_of(*family, "erp:1 member phone:1 union_id:u", "pos:1 card union_id:u"))

    assert frozenset({"erp:1", "pos:1"}) in groups(found)
    assert why(found)["erp:1"][0] == "union_id"
    assert why(found)["crm:0"] == ("alone", 1.0)
