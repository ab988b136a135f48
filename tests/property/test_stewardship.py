"""What stewards see holds for every world: ways, trees, bridges; and no reason hides a number."""

from collections.abc import Hashable
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms.identity.policy import read_policy
from api.identity.bridges import bridges
from api.identity.members import Member
from api.identity.paths import path, walk
from api.identity.reasons import PersonalReasonError, checked
from tests.steward_members import members_of

ORDER = read_policy().order

# a few accounts, each with any of a few phones
worlds = st.lists(st.sets(st.integers(0, 3)), min_size=2, max_size=6)
carried = st.lists(st.sets(st.integers(0, 4), max_size=3), min_size=1, max_size=8)


def world_of(phones: list[set[int]]) -> dict[str, Member]:
    lines = [
        f"a:{n} {' '.join(f'phone:{phone}' for phone in sorted(held))}"
        for n, held in enumerate(phones)
    ]
    return members_of(*lines)


def network_of(phones: list[set[int]]) -> "nx.Graph[str]":
    network: nx.Graph[str] = nx.Graph()
    for n, held in enumerate(phones):
        network.add_node(f"a:{n}")
        network.add_edges_from((f"a:{n}", f"phone:{phone}") for phone in held)
    return network


@given(phones=worlds)
def test_a_way_is_as_short_as_can_be(phones: list[set[int]]) -> None:
    members, network = world_of(phones), network_of(phones)
    last = f"a:{len(phones) - 1}"

    found = path(members, ["a:0"], targets=[last], order=ORDER)

    if nx.has_path(network, "a:0", last):
        # every other node of the network's way is a phone
        assert found is not None
        assert len(found) == nx.shortest_path_length(network, "a:0", last) / 2
    else:
        assert found is None


@given(phones=worlds)
def test_a_way_goes_from_account_to_account_over_what_both_have(phones: list[set[int]]) -> None:
    members = world_of(phones)

    found = path(members, ["a:0"], targets=[f"a:{len(phones) - 1}"], order=ORDER) or []

    for before, after in pairwise(found):
        assert before.other == after.one
    for tie in found:
        carriers = [m for m in members.values() if tie.unit in {held.unit for held in m.links}]
        assert {tie.one, tie.other} <= {m.account_id for m in carriers}


@given(phones=worlds)
def test_a_tree_reaches_each_account_once_and_all_that_is_connected(
    phones: list[set[int]],
) -> None:
    members = world_of(phones)

    reached = [tie.other for tie in walk(members, ["a:0"], order=ORDER)]

    connected = nx.node_connected_component(network_of(phones), "a:0")
    assert len(set(reached)) == len(reached)
    assert {"a:0", *reached} == {node for node in connected if node.startswith("a:")}


def carrying(phones: list[set[int]]) -> list[str]:
    return [
        f"a:{n} {' '.join(f'phone:{phone}' for phone in sorted(held))}"
        for n, held in enumerate(phones)
    ]


def parts_without(members: dict[str, Member], key: str) -> list[int]:
    """Count the accounts of each part of what ``key`` holds together, by taking it away."""
    network: nx.Graph[Hashable] = nx.Graph()
    network.add_nodes_from(members)
    for account, held in members.items():
        network.add_edges_from((account, link.identifier_key) for link in held.links)
    around = nx.node_connected_component(network, key)
    left = network.subgraph(around - {key})
    parts = [sum(node in members for node in part) for part in nx.connected_components(left)]
    return sorted(parts, reverse=True)


@given(phones=carried, sizeable=st.integers(1, 3))
def test_a_bridge_is_what_leaves_two_sizeable_parts_when_it_is_taken_away(
    phones: list[set[int]], sizeable: int
) -> None:
    members = members_of(*carrying(phones))
    keys = {f"phone:{phone}" for held in phones for phone in held}

    found = {bridge.unit[0]: bridge.n_smaller for bridge in bridges(members, sizeable=sizeable)}

    expected = {key: [*parts_without(members, key), 0][1] for key in keys}
    assert found == {key: n for key, n in expected.items() if n >= sizeable}


@given(st.text(max_size=100))
def test_a_reason_is_one_line_without_control_characters(reason: str) -> None:
    try:
        found = checked(reason, is_required=False)
    except PersonalReasonError:
        return

    assert found == " ".join(found.split())
    assert all(letter.isprintable() for letter in found)


@given(st.integers(10**10, 10**11 - 1), st.sampled_from([" ", "-", ".", "\u200b", "–"]))
def test_no_way_of_spacing_hides_eleven_digits(number: int, between: str) -> None:
    digits = str(number)
    spaced = between.join([digits[:3], digits[3:7], digits[7:]])

    with pytest.raises(PersonalReasonError):
        checked(f"it is {spaced}")
