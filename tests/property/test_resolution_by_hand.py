"""Resolution against a second implementation: plain dictionaries, one account at a time."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.resolution import Resolution
from tests.identity_world import customers, facts_of, groups, ledger_after, run

unhurried = settings(deadline=None, max_examples=60)
NOT_REGISTERED = ("visitor", "call", "partner")
WEIGHTS = {"visitor": 1, "call": 30, "partner": 30}
CAPS = {"phone": 3, "email": 3, "cookie": 1}

World = Mapping[str, tuple[str, frozenset[str]]]

sources = st.sampled_from(["crm", "erp"])
account_ids = st.tuples(sources, st.integers(0, 15)).map(lambda pair: f"{pair[0]}:{pair[1]}")
# few values, so that caps and hubs are met
keys = st.tuples(
    st.sampled_from(["phone", "email", "cookie", "member_no", "address"]), st.integers(0, 2)
).map(lambda pair: f"{pair[0]}:{pair[1]}")
accounts = st.tuples(
    st.sampled_from(["member", "card", "visitor", "call", "partner", "-"]),
    st.frozensets(keys, max_size=2),
)
worlds = st.dictionaries(account_ids, accounts, min_size=1, max_size=30)


def lines(world: World) -> list[str]:
    return [f"{a} {kind} {' '.join(sorted(held))}" for a, (kind, held) in world.items()]


def most_registered(world: World) -> dict[str, int]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for account_id, (kind, held) in world.items():
        for key in held:
            counts[key][account_id.split(":")[0]] += kind not in NOT_REGISTERED
    return {key: max(by_source.values()) for key, by_source in counts.items()}


def expected_state(key: str, count: int) -> tuple[str, str | None]:
    kind = key.split(":", maxsplit=1)[0]
    if kind == "address":
        return "blocked", "kind"
    if kind in CAPS and count > 10:
        return "blocked", "hub"
    if kind in CAPS and count > CAPS[kind]:
        return "shared", "cap"
    return "linking", None


def expected_groups(world: World) -> set[frozenset[str]]:
    counts = most_registered(world)
    network: nx.Graph[str] = nx.Graph()
    for account_id, (_, held) in world.items():
        network.add_node(account_id)
        linking = [key for key in held if expected_state(key, counts[key])[0] == "linking"]
        network.add_edges_from((account_id, key) for key in linking)
    parts = [{n for n in part if n in world} for part in nx.connected_components(network)]
    return {frozenset(part) for part in parts if part}


def expected_survivors(
    before: Mapping[str, str], world: World, parts: set[frozenset[str]]
) -> dict[frozenset[str], str]:
    """Match groups with former customers, all of one age, heaviest overlap first."""
    overlaps: Counter[tuple[frozenset[str], str]] = Counter()
    for part in parts:
        for account_id in part & set(before):
            kind = world[account_id][0]
            overlaps[part, before[account_id]] += WEIGHTS.get(kind, 100)
    claims: dict[frozenset[str], str] = {}
    order = sorted(overlaps.items(), key=lambda pair: (-pair[1], pair[0][1], min(pair[0][0])))
    for (part, customer_id), _ in order:
        if part not in claims and customer_id not in claims.values():
            claims[part] = customer_id
    return claims


def by_group(resolution: Resolution) -> dict[frozenset[str], str]:
    held = customers(resolution)
    return {group: held[min(group)] for group in groups(resolution)}


@unhurried
@given(worlds)
def test_identifiers_are_judged_as_by_hand(world: World) -> None:
    found = run(facts_of(*lines(world)))

    counts = most_registered(world)
    judged = {
        row["identifier_key"]: (row["state"], row["reason"], row["n_accounts"])
        for row in found.identifiers.to_pylist()
    }
    assert judged == {key: (*expected_state(key, n), n) for key, n in counts.items()}


@unhurried
@given(worlds)
def test_groups_are_those_found_by_hand(world: World) -> None:
    assert groups(run(facts_of(*lines(world)))) == expected_groups(world)


@unhurried
@given(worlds)
def test_links_join_exactly_where_their_identifier_does(world: World) -> None:
    found = run(facts_of(*lines(world)))

    states = dict(
        zip(*(found.identifiers[c].to_pylist() for c in ("identifier_key", "state")), strict=True)
    )
    links = {(r["start_id"], r["end_id"]): r["linking"] for r in found.links.to_pylist()}
    assert set(links) == {(a, key) for a, (_, held) in world.items() for key in held}
    assert all(links[a, key] == (states[key] == "linking") for a, key in links)


@unhurried
@given(worlds, worlds)
def test_survivors_are_those_found_by_hand(before: World, after: World) -> None:
    first = run(facts_of(*lines(before)))

    gone = tuple(set(before) - set(after))
    second = run(facts_of(*lines(after)), ledger_after(first, gone=gone), day=1)

    left = {a: c for a, c in customers(first).items() if a in after}
    claims = expected_survivors(left, after, expected_groups(after))
    found = by_group(second)
    assert {part: found[part] for part in claims} == claims


@unhurried
@given(worlds, worlds)
def test_every_move_is_told_once_and_nothing_else(before: World, after: World) -> None:
    first = run(facts_of(*lines(before)))

    gone = tuple(set(before) - set(after))
    second = run(facts_of(*lines(after)), ledger_after(first, gone=gone), day=1)

    then, now = customers(first), customers(second)
    moved = {a for a in set(then) & set(now) if then[a] != now[a]}
    flows = {(then[a], now[a]) for a in moved}
    kinds = Counter(second.events["kind"].to_pylist())
    assert kinds["merged"] + kinds["split"] == len(flows)
    emptied = set(then.values()) - {then[a] for a in set(then) & set(now)}
    assert kinds["retired"] == len(emptied - set(now.values()))
    assert (kinds["created"] + kinds["absorbed"] > 0) == bool(set(now) - set(then))
