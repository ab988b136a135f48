"""What may be wrong about who is whom, kind by kind, each with its risk.

Of a join by resemblance and of a pair that was kept apart the risk is a probability: that the
join is wrong, or that the separation is. A customer who is too large, has too many identifiers
of a kind or hangs together by a single identifier has no such figure; its risk is a share that
grows with what is unusual about it, so that the worst of each kind stand in front.

Limits and bridges are looked for among the customers with most accounts: to count the
identifiers of every customer would take as long as a resolution.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from algorithms.identity.policy import Policy
from api.identity.bridges import Bridge, bridges
from api.identity.members import Member, members, real, text, weights
from api.identity.steps import identifier
from api.identity.wording import KEPT_APART, KINDS, filled, named, weighed
from api.views import Ask, Row, View, whole
from graph.language import Text

Kind = Literal["doubtful-join", "likely-same", "large", "limit", "bridge"]

# customers whose identifiers are counted, and those of which every link is read
MOST_COUNTED: Final = 1_000
MOST_BRIDGED: Final = 100
# a part of one or two accounts hangs on one identifier in almost every customer
SIZEABLE: Final = 3

# accounts that identifiers had joined before resemblance did are one join
DOUBTFUL: Final = """
MATCH (a:Account)-[r:RESOLVED_TO]->(c:Customer)
WHERE r.linked_to IS NOT NULL AND r.confidence < $sure
WITH c, r.linked_to AS linked_to, r.by_field AS by_field, 1.0 - r.confidence AS risk,
     min(a.account_id) AS account_id, count(*) AS n_accounts
WITH *, 'doubtful-join ' + account_id AS key
WHERE risk < $risk OR (risk = $risk AND key > $key)
RETURN risk, key, c.customer_id AS customer_id, account_id, n_accounts, linked_to, by_field
ORDER BY risk DESC, key
LIMIT $n
"""
LIKELY: Final = """
MATCH (a:Customer)-[l:LIKELY_SAME]->(b:Customer)
WITH a, l, b, l.probability AS risk, 'likely-same ' + a.customer_id + ' ' + b.customer_id AS key
WHERE risk < $risk OR (risk = $risk AND key > $key)
RETURN risk, key, a.customer_id AS customer_id, b.customer_id AS other_id,
       l.by_field AS by_field, l.kept_apart AS kept_apart
ORDER BY risk DESC, key
LIMIT $n
"""
LARGE: Final = """
MATCH (c:Customer)
WHERE c.n_accounts > $least
WITH c ORDER BY c.n_accounts DESC, c.customer_id LIMIT $most
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)
  RETURN count(CASE WHEN a.kind IN $others THEN null ELSE 1 END) AS n_registered
}
RETURN c.customer_id AS customer_id, c.n_accounts AS n_accounts, n_registered
"""
LIMITS: Final = """
MATCH (c:Customer)
WHERE c.n_accounts > 1
WITH c ORDER BY c.n_accounts DESC, c.customer_id LIMIT $most
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(:Account)-[:HAS_IDENTIFIER]->(i:Identifier)
  WHERE i.state <> 'blocked'
  RETURN i.kind AS kind, count(DISTINCT i) AS n
}
WITH c, kind, n
WHERE n > $limits[kind]
RETURN c.customer_id AS customer_id, c.n_accounts AS n_accounts, kind, n
"""
BRIDGED: Final = """
MATCH (c:Customer)
WHERE c.n_accounts >= $least
WITH c ORDER BY c.n_accounts DESC, c.customer_id LIMIT $most
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)
  WITH a ORDER BY a.account_id
  RETURN collect(a.account_id) AS accounts
}
RETURN c.customer_id AS customer_id, accounts
"""

IS_DOUBTFUL: Final = Text(
    "{account} was joined to {customer}, with {n} account(s), because it resembles {other}, "
    "{sure:.1%} sure. {fields}",
    "{account} 因与 {other} 相似而归入 {customer}（共 {n} 个账户），把握 {sure:.1%}。{fields}",
)
IS_LIKELY: Final = Text(
    "{one} and {other} are {probability:.1%} likely one person and were kept apart: {why}. "
    "{fields}",
    "{one} 与 {other} 为同一人的概率 {probability:.1%}，但未合并：{why}。{fields}",
)
UNMADE: Final = Text("the join was not made", "未做合并")
IS_LARGE: Final = Text(
    "{customer} has {n} accounts, {registered} of them registered (usual: up to {most} and {few}).",
    "{customer} 有 {n} 个账户，其中注册账户 {registered} 个（通常不超过 {most} 与 {few}）。",
)
IS_LIMIT: Final = Text(
    "{customer} has {n} identifiers of the kind {kind}; one person has {limit} at most.",
    "{customer} 有 {n} 个{kind}；一个人最多 {limit} 个。",
)
IS_BRIDGE: Final = Text(
    "The {kind} {masked} alone joins {n} accounts of {customer} to its other {rest}.",
    "仅凭{kind} {masked}，{customer} 的 {n} 个账户才与其余 {rest} 个相连。",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at; ``key`` names it among those of the same risk."""

    kind: Kind
    risk: float
    key: str
    customer_ids: tuple[str, ...]
    text: str
    account_ids: tuple[str, ...] = ()
    identifier: View | None = None
    fields: tuple[View, ...] = ()

    def shown(self) -> View:
        """Show the item."""
        return {
            "kind": self.kind,
            "risk": self.risk,
            "customer_ids": list(self.customer_ids),
            "account_ids": list(self.account_ids),
            "identifier": self.identifier,
            "fields": list(self.fields),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: below a risk, or at it behind a key."""

    risk: float
    key: str
    n: int

    def lies_before(self, item: Item) -> bool:
        """Tell whether an item belongs behind this place."""
        return item.risk < self.risk or (item.risk == self.risk and item.key > self.key)


@dataclass(frozen=True, slots=True)
class Search:
    """What the finders of items need."""

    ask: Ask
    policy: Policy
    after: After

    def rows(self, query: str, **parameters: object) -> Iterable[Row]:
        """Ask for items that are many: only those of the page are read."""
        place = {"risk": self.after.risk, "key": self.after.key, "n": self.after.n}
        return self.ask(query, {**place, **parameters})


def _doubtful(search: Search) -> Iterator[Item]:
    for row in search.rows(DOUBTFUL, sure=search.policy.linkage.sure):
        fields = weighed(weights(row["by_field"]))
        account, customer = text(row["account_id"]), text(row["customer_id"])
        told = filled(
            IS_DOUBTFUL,
            account=account,
            customer=customer,
            n=whole(row["n_accounts"]),
            other=row["linked_to"],
            sure=1 - real(row["risk"]),
            fields=_joined(fields),
        )
        yield Item(
            "doubtful-join",
            real(row["risk"]),
            text(row["key"]),
            (customer,),
            told,
            account_ids=(account, text(row["linked_to"])),
            fields=tuple(fields),
        )


def _likely(search: Search) -> Iterator[Item]:
    for row in search.rows(LIKELY):
        fields = weighed(weights(row["by_field"]))
        pair = (text(row["customer_id"]), text(row["other_id"]))
        told = filled(
            IS_LIKELY,
            one=pair[0],
            other=pair[1],
            probability=real(row["risk"]),
            why=KEPT_APART.get(text(row["kept_apart"]), UNMADE),
            fields=_joined(fields),
        )
        risk = real(row["risk"])
        yield Item("likely-same", risk, text(row["key"]), pair, told, fields=tuple(fields))


def _joined(fields: Iterable[View]) -> str:
    return "; ".join(str(field["text"]) for field in fields)


def _large(search: Search) -> Iterator[Item]:
    linkage = search.policy.linkage
    most, few = linkage.max_accounts, linkage.max_registered
    others = [str(kind) for kind in search.policy.weights.others]
    limits = {"least": min(most, few), "most": MOST_COUNTED, "others": others}
    for row in search.ask(LARGE, limits):
        n, registered = whole(row["n_accounts"]), whole(row["n_registered"])
        if n > most or registered > few:
            customer = text(row["customer_id"])
            facts = {"n": n, "registered": registered, "most": most, "few": few}
            risk = max(_excess(n, most), _excess(registered, few))
            told = filled(IS_LARGE, customer=customer, **facts)
            yield Item("large", risk, f"large {customer}", (customer,), told)


def _excess(n: int, limit: int) -> float:
    """Return how far a count lies beyond its limit: 0.5 at the limit, towards 1 far above."""
    return n / (n + limit)


def _limits(search: Search) -> Iterator[Item]:
    kinds = search.policy.kinds.items()
    limits = {str(kind): rule.limit for kind, rule in kinds if rule.limit is not None}
    for row in search.ask(LIMITS, {"most": MOST_COUNTED, "limits": limits}):
        kind, n, customer = text(row["kind"]), whole(row["n"]), text(row["customer_id"])
        facts = {"customer": customer, "n": n, "kind": named(KINDS, kind)}
        told = filled(IS_LIMIT, **facts, limit=limits[kind])
        yield Item("limit", _excess(n, limits[kind]), f"limit {customer} {kind}", (customer,), told)


def _bridged(search: Search) -> Iterator[Item]:
    for row in search.ask(BRIDGED, {"most": MOST_BRIDGED, "least": 2 * SIZEABLE}):
        accounts = row["accounts"] if isinstance(row["accounts"], list) else []
        held = members(search.ask, accounts)
        for bridge in bridges(held, sizeable=SIZEABLE):
            item = _bridge(text(row["customer_id"]), bridge, held=held)
            if not _is_strong(search.policy, item):
                yield item


def _bridge(customer: str, bridge: Bridge, *, held: Mapping[str, Member]) -> Item:
    carriers = [m for m in held.values() for link in m.links if link.unit == bridge.unit]
    link = next(link for link in carriers[0].links if link.unit == bridge.unit)
    told = filled(
        IS_BRIDGE,
        kind=named(KINDS, link.kind),
        masked=link.shown,
        n=bridge.n_smaller,
        customer=customer,
        rest=len(held) - bridge.n_smaller,
    )
    return Item(
        "bridge",
        bridge.n_smaller / len(held),
        f"bridge {customer} {link.identifier_key} {link.unit[1]}",
        (customer,),
        told,
        account_ids=tuple(sorted(m.account_id for m in carriers)),
        identifier=identifier(link),
    )


def _is_strong(policy: Policy, item: Item) -> bool:
    """Tell whether the bridge is a number that no two people share, which may well be alone."""
    kind = (item.identifier or {})["kind"]
    return any(str(k) == kind and rule.strength == "strong" for k, rule in policy.kinds.items())


FINDERS: Final[Mapping[Kind, Callable[[Search], Iterator[Item]]]] = {
    "doubtful-join": _doubtful,
    "likely-same": _likely,
    "large": _large,
    "limit": _limits,
    "bridge": _bridged,
}
