"""The way from account to account over what joins them, fewest steps first.

Accounts that share an identifier are one step apart, whoever it was that joined them; so are
accounts that a steward put together, and an account and the one that it resembles. Among
equally short ways the better evidence is taken.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.identity.members import Member, Unit

STEWARD: Final = "steward"
LINKAGE: Final = "linkage"


@dataclass(frozen=True, slots=True)
class Tie:
    """One piece of evidence that makes two accounts one person's.

    ``rule`` is a kind of identifier, of which ``unit`` is the one shared; ``steward``, with
    the decision as ``decision_id``; or ``linkage``.
    """

    one: str
    other: str
    rule: str
    unit: Unit = ("", 0)
    decision_id: str = ""


def walk(
    members: Mapping[str, Member], sources: Collection[str], *, order: Sequence[str]
) -> Iterator[Tie]:
    """Yield the tie by which each further account is reached, nearest accounts first.

    Parameters
    ----------
    members
        Accounts by id; a way leads over these alone.
    sources
        Where to start from.
    order
        Kinds of identifiers, best evidence first.
    """
    by_unit, likenesses = _by_unit(members), _likenesses(members)
    rank = {rule: place for place, rule in enumerate([STEWARD, *order, LINKAGE])}
    reached, used = set(sources) & set(members), set[Unit]()
    frontier = sorted(reached)
    while frontier:
        ties = list(_ties(frontier, members, by_unit=by_unit, likenesses=likenesses, used=used))
        frontier = []
        for tie in sorted(
            ties, key=lambda t: (rank.get(t.rule, len(rank)), t.unit, t.one, t.other)
        ):
            if tie.other not in reached:
                reached.add(tie.other)
                frontier.append(tie.other)
                yield tie


def path(
    members: Mapping[str, Member],
    sources: Collection[str],
    *,
    targets: Collection[str],
    order: Sequence[str],
) -> list[Tie] | None:
    """Return the ties from a source to the nearest target; None where no way leads there.

    A source that is a target itself is reached without a step.
    """
    if set(sources) & set(targets):
        return []
    before: dict[str, Tie] = {}
    for tie in walk(members, sources, order=order):
        before[tie.other] = tie
        if tie.other in targets:
            return _back(tie.other, before)
    return None


def _back(account_id: str, before: Mapping[str, Tie]) -> list[Tie]:
    steps: list[Tie] = []
    while account_id in before:
        steps.append(before[account_id])
        account_id = before[account_id].one
    return steps[::-1]


def _by_unit(members: Mapping[str, Member]) -> dict[Unit, list[tuple[str, str]]]:
    """Return the kind and the accounts of each identifier that may join, by owner in turn."""
    found: dict[Unit, list[tuple[str, str]]] = {}
    for member in members.values():
        for link in member.links:
            if link.is_linking:
                found.setdefault(link.unit, []).append((link.kind, member.account_id))
    return found


def _likenesses(members: Mapping[str, Member]) -> dict[str, list[str]]:
    """Return for each account those that it resembles, or that resemble it."""
    found: dict[str, list[str]] = {}
    for member in members.values():
        if member.linked_to in members:
            found.setdefault(member.account_id, []).append(member.linked_to)
            found.setdefault(member.linked_to, []).append(member.account_id)
    return found


def _ties(
    frontier: Iterable[str],
    members: Mapping[str, Member],
    *,
    by_unit: Mapping[Unit, Sequence[tuple[str, str]]],
    likenesses: Mapping[str, Sequence[str]],
    used: set[Unit],
) -> Iterator[Tie]:
    """Yield every tie from accounts of the frontier; each identifier is gone through once."""
    for account_id in frontier:
        member = members[account_id]
        for pin in member.pins:
            if pin.verb == "together" and pin.other_id in members:
                yield Tie(account_id, pin.other_id, STEWARD, decision_id=pin.decision_id)
        for link in member.links:
            if link.is_linking and link.unit not in used:
                used.add(link.unit)
                for kind, other in by_unit[link.unit]:
                    yield Tie(account_id, other, kind, link.unit)
        for other in likenesses.get(account_id, ()):
            yield Tie(account_id, other, LINKAGE)
