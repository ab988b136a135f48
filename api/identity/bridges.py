"""Which single identifier holds two sizeable parts of one customer together.

Where nothing else joins the parts, one mistyped number is enough to have made two people one.
Accounts and identifiers are the two kinds of nodes of a network; a bridge is an identifier
without which it falls apart. They are found in one walk through the network (Tarjan's cut
vertices), which counts the accounts of each part as it goes back.

References
----------
Tarjan, R. E. (1972). Depth-first search and linear graph algorithms. SIAM J. Comput. 1(2).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from api.identity.members import Member, Unit

Network = Mapping[Hashable, Sequence[Hashable]]


@dataclass(frozen=True, slots=True)
class Bridge:
    """An identifier and the accounts of the second largest part that it holds."""

    unit: Unit
    n_smaller: int


@dataclass(slots=True)
class _Walk:
    """How far the walk has come: order of discovery, lowest reach, accounts below a node."""

    order: dict[Hashable, int] = field(default_factory=dict)
    low: dict[Hashable, int] = field(default_factory=dict)
    below: dict[Hashable, int] = field(default_factory=dict)
    parts: dict[Hashable, list[int]] = field(default_factory=dict)


def bridges(members: Mapping[str, Member], *, sizeable: int) -> list[Bridge]:
    """Return the identifiers that alone hold parts of at least ``sizeable`` accounts together.

    Parameters
    ----------
    members
        All accounts of one customer.
    sizeable
        Accounts that a part must have to count, at least 1.

    Returns
    -------
    Those that part most first.
    """
    network = _network(members)
    found = []
    for unit, parts in _parts(network, accounts=members).items():
        smaller = sorted(parts)[-2] if len(parts) > 1 else 0
        if smaller >= sizeable:
            found.append(Bridge(unit, smaller))
    return sorted(found, key=lambda bridge: (-bridge.n_smaller, bridge.unit))


def _network(members: Mapping[str, Member]) -> dict[Hashable, list[Hashable]]:
    """Return what every node touches; likeness and decisions are nodes between two accounts."""
    network: dict[Hashable, list[Hashable]] = {account: [] for account in members}

    def tie(account: str, evidence: Hashable) -> None:
        network[account].append(evidence)
        network.setdefault(evidence, []).append(account)

    for account, member in members.items():
        for link in member.links:
            if link.is_linking:
                tie(account, link.unit)
        others = [pin.other_id for pin in member.pins if pin.verb == "together"]
        for other in {*others, member.linked_to} & set(members):
            tie(account, (account, other, "pair"))
            tie(other, (account, other, "pair"))
    return network


def _parts(network: Network, *, accounts: Mapping[str, Member]) -> dict[Unit, list[int]]:
    """Return for each identifier the accounts of every part that is left without it."""
    found: dict[Unit, list[int]] = {}
    walk = _Walk()
    for root in accounts:
        if root in walk.order:
            continue
        begun = len(walk.order)
        _go(network, root, walk=walk, accounts=accounts)
        total = walk.below[root]
        for node in list(walk.order)[begun:]:
            if isinstance(node, tuple) and len(node) == 2:
                cut_off = walk.parts.get(node, [])
                found[node] = [*cut_off, total - sum(cut_off)]
    return found


def _go(network: Network, root: Hashable, *, walk: _Walk, accounts: Mapping[str, Member]) -> None:
    """Walk through everything that ``root`` reaches, without recursion."""
    stack = [(root, root, iter(network[root]))]
    _enter(root, walk, accounts=accounts)
    while stack:
        node, parent, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            if stack:
                _leave(node, parent, walk=walk)
        elif following not in walk.order:
            _enter(following, walk, accounts=accounts)
            stack.append((following, node, iter(network[following])))
        elif following != parent:
            walk.low[node] = min(walk.low[node], walk.order[following])


def _enter(node: Hashable, walk: _Walk, *, accounts: Mapping[str, Member]) -> None:
    walk.order[node] = walk.low[node] = len(walk.order)
    walk.below[node] = int(isinstance(node, str) and node in accounts)


def _leave(node: Hashable, parent: Hashable, *, walk: _Walk) -> None:
    """Carry what is known of a node to the one that it was reached from."""
    walk.low[parent] = min(walk.low[parent], walk.low[node])
    walk.below[parent] += walk.below[node]
    if walk.low[node] >= walk.order[parent]:
        walk.parts.setdefault(parent, []).append(walk.below[node])
