"""The way from account to account: shortest first, better evidence first, nothing refused."""

import pytest

from algorithms.identity.policy import read_policy
from api.identity.paths import Tie, path, walk
from tests.steward_members import member, members_of, pin

ORDER = read_policy().order


def ends(ties: list[Tie] | None) -> list[tuple[str, str, str]]:
    return [(tie.one, tie.other, tie.rule) for tie in ties or []]


def test_of_two_equally_short_ways_the_better_evidence_is_taken() -> None:
    members = members_of("crm:1 email:a phone:1 card_no:1", "erp:1 phone:1 email:a card_no:1")

    assert ends(path(members, ["crm:1"], targets=["erp:1"], order=ORDER)) == [
        ("crm:1", "erp:1", "card_no")
    ]


def test_a_stewards_word_comes_before_every_identifier_and_likeness_after() -> None:
    together = [pin("together", "erp:1")]
    pinned = members_of(member("crm:1 card_no:1", pins=together), "erp:1 card_no:1")
    alike = members_of(member("crm:1 cookie:1", linked_to="erp:1"), "erp:1 cookie:1")

    assert ends(path(pinned, ["crm:1"], targets=["erp:1"], order=ORDER))[0][2] == "steward"
    assert ends(path(alike, ["crm:1"], targets=["erp:1"], order=ORDER))[0][2] == "cookie"


@pytest.mark.parametrize(("one", "other"), [("crm:1", "erp:1"), ("erp:1", "crm:1")])
def test_likeness_leads_both_ways(one: str, other: str) -> None:
    members = members_of(member("crm:1", linked_to="erp:1"), "erp:1")

    assert ends(path(members, [one], targets=[other], order=ORDER)) == [(one, other, "linkage")]


@pytest.mark.parametrize(
    "accounts",
    [
        pytest.param(("crm:1 -phone:1", "erp:1 phone:1"), id="it does not join here"),
        pytest.param(("crm:1 phone:1#1", "erp:1 phone:1#2"), id="another owner in turn"),
        pytest.param(("crm:1 phone:1", "erp:1 phone:2"), id="another identifier"),
    ],
)
def test_what_does_not_join_is_no_way(accounts: tuple[str, str]) -> None:
    assert path(members_of(*accounts), ["crm:1"], targets=["erp:1"], order=ORDER) is None


def test_a_word_that_keeps_apart_is_no_way() -> None:
    members = members_of(member("crm:1", pins=[pin("apart", "erp:1")]), "erp:1")

    assert path(members, ["crm:1"], targets=["erp:1"], order=ORDER) is None


def test_whoever_is_elsewhere_now_is_no_way() -> None:
    pins = [pin("together", "web:1")]
    members = members_of(member("crm:1", linked_to="web:1", pins=pins), "erp:1")

    assert path(members, ["crm:1"], targets=["erp:1"], order=ORDER) is None


def test_who_is_there_already_needs_no_step() -> None:
    assert path(members_of("crm:1"), ["crm:1"], targets=["crm:1"], order=ORDER) == []


def test_an_unknown_start_leads_nowhere() -> None:
    members = members_of("crm:1 phone:1", "erp:1 phone:1")

    assert list(walk(members, ["gone:1"], order=ORDER)) == []


def test_one_identifier_on_very_many_accounts_is_gone_through_once() -> None:
    members = members_of(*(f"crm:{n} phone:1 email:a" for n in range(2_000)))

    ties = list(walk(members, ["crm:0"], order=ORDER))

    # with a step for every pair this would be two million
    assert len(ties) == 1_999
    assert {tie.one for tie in ties} == {"crm:0"}
