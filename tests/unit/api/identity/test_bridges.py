"""Identifiers that alone hold a customer together, worked out by hand."""

from api.identity.bridges import bridges
from tests.steward_members import member, members_of, pin


def test_the_identifier_between_two_families_is_a_bridge() -> None:
    members = members_of("a:1 email:x", "a:2 email:x phone:1", "b:1 phone:1 email:y", "b:2 email:y")

    (bridge,) = bridges(members, sizeable=2)

    assert (bridge.unit, bridge.n_smaller) == (("phone:1", 1), 2)


def test_a_second_identifier_between_them_makes_it_none() -> None:
    members = members_of(
        "a:1 email:x card_no:1",
        "a:2 email:x phone:1",
        "b:1 phone:1 email:y",
        "b:2 email:y card_no:1",
    )

    assert bridges(members, sizeable=2) == []


def test_likeness_or_a_stewards_word_between_them_makes_it_none() -> None:
    rest = ("a:2 email:x phone:1", "b:1 phone:1 email:y", "b:2 email:y")
    alike = members_of(member("a:1 email:x", linked_to="b:2"), *rest)
    pinned = members_of(member("a:1 email:x", pins=[pin("together", "b:2")]), *rest)
    apart = members_of(member("a:1 email:x", pins=[pin("apart", "b:2")]), *rest)

    assert bridges(alike, sizeable=2) == []
    assert bridges(pinned, sizeable=2) == []
    assert len(bridges(apart, sizeable=2)) == 1


def test_owners_in_turn_are_bridges_of_their_own() -> None:
    members = members_of("a:1 phone:1#1", "a:2 phone:1#1", "b:1 phone:1#2", "b:2 phone:1#2")

    assert {bridge.unit for bridge in bridges(members, sizeable=1)} == {
        ("phone:1", 1),
        ("phone:1", 2),
    }


def test_what_does_not_join_holds_nothing() -> None:
    assert bridges(members_of("a:1 -phone:1", "b:1 -phone:1"), sizeable=1) == []


def test_those_that_part_most_come_first() -> None:
    chain = members_of("a:1 phone:1", "a:2 phone:1 phone:2", "a:3 phone:2 phone:3", "a:4 phone:3")

    assert [b.unit[0] for b in bridges(chain, sizeable=1)] == ["phone:2", "phone:1", "phone:3"]


def test_a_long_chain_needs_no_deep_stack() -> None:
    chain = members_of(*(f"a:{n:05} phone:{n} phone:{n + 1}" for n in range(5_000)))

    assert len(bridges(chain, sizeable=2_500)) == 1


def test_nobody_has_no_bridge() -> None:
    assert bridges({}, sizeable=1) == []
