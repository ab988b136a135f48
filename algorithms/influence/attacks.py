"""Five ways to buy a rank, tried on a company's own replies, and how far each gets.

Somebody in the middle of the list is boosted by accounts made for the purpose, whose replies
are spread over the end of the window. Ranks are among the people there were before, so that
the puppets themselves push nobody down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import numpy as np

from algorithms.influence.arcs import Arcs, Floats, Timeline
from algorithms.influence.attention import Rule, attention
from algorithms.influence.fading import half_life_of
from algorithms.influence.standing import ranks
from graph.language import Text

SPAN: Final = 1 / 12
"""Share of the window, its end, in which an attack happens: a month of a year."""


@dataclass(frozen=True, slots=True)
class Attack:
    """Accounts made for the purpose, and what each does."""

    code: str
    about: Text
    accounts: int
    replies: int
    each_other: bool = False


ATTACKS: Final = (
    Attack("one_600", Text("1 account, 600 replies", "1 个账户，600 条回复"), 1, 600),
    Attack("thirty_1", Text("30 accounts, 1 reply each", "30 个账户，各 1 条"), 30, 1),
    Attack("thirty_20", Text("30 accounts, 20 replies each", "30 个账户，各 20 条"), 30, 20),
    Attack(
        "thirty_20_mutual",
        Text("30 accounts, 20 replies each, and to each other", "30 个账户，各 20 条并互相回复"),
        30,
        20,
        each_other=True,
    ),
    Attack("two_hundred_1", Text("200 accounts, 1 reply each", "200 个账户，各 1 条"), 200, 1),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """Ranks of the boosted person by each score, before and after: medians over the cuts."""

    attack: Attack
    n: int
    before: Mapping[str, float]
    after: Mapping[str, float]

    def change(self, score: str) -> float:
        """Return by which share of the former rank the person moved."""
        return abs(self.after[score] - self.before[score]) / self.before[score]


def tried(
    timeline: Timeline, rule: Rule, *, cuts: list[float], horizon: float = 30.0
) -> Iterator[Moved]:
    """Try all attacks at past cuts.

    Parameters
    ----------
    timeline, rule
        Replies, and how attention is measured; both forms are tried.
    cuts
        In days since the timeline's zero; at each the person in the middle is boosted.
    horizon
        Days that judge a half-life, where the rule gives none.
    """
    plain = {cut: timeline.arcs(cut, days=rule.window_days) for cut in cuts}
    fitted = {cut: _fitted(timeline, rule, cut=cut, horizon=horizon) for cut in cuts}
    honest = {cut: _scores(arcs, fitted[cut]) for cut, arcs in plain.items() if arcs.seen.any()}
    whom = {cut: _middle(plain[cut], scores["strict"]) for cut, scores in honest.items()}
    for attack in ATTACKS:
        before, after = [], []
        for cut, scores in honest.items():
            staged = attacked(timeline, attack, target=whom[cut], cut=cut, days=rule.window_days)
            # who attacks is heard by the back-test as well
            cheats = _fitted(staged, rule, cut=cut, horizon=horizon)
            cheated = _scores(staged.arcs(cut, days=rule.window_days), cheats)
            before.append(_ranked(scores, plain[cut], whom=whom[cut]))
            after.append(_ranked(cheated, plain[cut], whom=whom[cut]))
        n = int(median((arcs.repliers > 0).sum() for arcs in plain.values()))
        yield Moved(attack, n, _medians(before), _medians(after))


def _fitted(timeline: Timeline, rule: Rule, *, cut: float, horizon: float) -> Rule:
    """Return the rule with the half-life that the replies before ``cut`` speak for."""
    days = half_life_of(timeline, rule, cut=cut, horizon=horizon).days
    return replace(rule, half_life_days=days)


def attacked(
    timeline: Timeline, attack: Attack, *, target: int, cut: float, days: float
) -> Timeline:
    """Return the timeline with the replies of an attack added; puppets are the last people."""
    puppets = timeline.n + np.arange(attack.accounts)
    source = np.repeat(puppets, attack.replies)
    aim = np.full(len(source), target)
    if attack.each_other:
        ring = np.roll(puppets, 1)
        source = np.concatenate([source, puppets])
        aim = np.concatenate([aim, ring])
    at = cut - days * SPAN * (np.arange(len(source)) % attack.replies + 0.5) / attack.replies
    since = np.full(attack.accounts, cut - days * SPAN)
    return replace(
        timeline,
        n=timeline.n + attack.accounts,
        source=np.concatenate([timeline.source, source]),
        target=np.concatenate([timeline.target, aim]),
        at=np.concatenate([timeline.at, at]),
        since=np.concatenate([timeline.since, since]),
    )


def _scores(arcs: Arcs, rule: Rule) -> dict[str, Floats]:
    """Return the score as it is, in both forms, untrusted, and two that others use."""
    from algorithms.network.pagerank import pagerank

    forms = {
        form: attention(arcs, replace(rule, form=form)) for form in ("rule", "strict", "floor")
    }
    return {
        **{form: found.score for form, found in forms.items()},
        "untrusted": forms["rule"].untrusted,
        "in_degree": arcs.repliers.astype(np.float64),
        "replies": arcs.replies.astype(np.float64),
        "pagerank": pagerank(arcs.network()),
    }


def _middle(arcs: Arcs, score: Floats) -> int:
    """Return who stands in the middle of those with a score."""
    rank = ranks(score, arcs=arcs)
    n = int((score > 0).sum()) or int((rank > 0).sum())
    return int(np.flatnonzero(rank == (n + 1) // 2)[0])


def _ranked(scores: Mapping[str, Floats], arcs: Arcs, *, whom: int) -> dict[str, int]:
    """Return the rank of one person by each score among the people of ``arcs``."""
    people = np.flatnonzero(arcs.repliers > 0)
    rounded = {name: np.round(score, 12) for name, score in scores.items()}
    return {name: int((s[people] > s[whom]).sum()) + 1 for name, s in rounded.items()}


def _medians(found: list[dict[str, int]]) -> dict[str, float]:
    return {name: float(median(one[name] for one in found)) for name in found[0]} if found else {}
