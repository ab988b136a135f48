"""Why accounts are one customer: the evidence from one to the other, or all of it as a tree."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from api.identity.in_force import policy_in_force
from api.identity.members import MOST_ACCOUNTS, members
from api.identity.parties import Party, accounts_of, parted, party
from api.identity.paths import Tie, path, walk
from api.identity.steps import Telling, step
from api.identity.wording import filled
from api.views import Ask, View
from graph.errors import some
from graph.language import Text

TWO = Text(
    "{one} and {other} are not one customer; kith identity why-not tells the reasons.",
    "{one} 与 {other} 不是同一客户；原因见 kith identity why-not。",
)
ALONE = Text(
    "{one} is the only account of its customer: nothing joins it to another.",
    "{one} 是其客户的唯一账户：没有与其他账户合并。",
)
JOINED = Text(
    "{one} and {other} are one customer, {customer}, in {n} step(s).",
    "{one} 与 {other} 是同一客户 {customer}，共 {n} 步。",
)
TREE = Text("{n} accounts are one customer, {customer}.", "{n} 个账户是同一客户 {customer}。")
LOST = Text(
    "What joined {accounts} is no longer there: the facts changed after the last resolution. Run "
    "kith resolve.",
    "曾将 {accounts} 合并的依据已不存在：事实在最近一次识别之后有变动。请运行 kith resolve。",
)


def why(ask: Ask, one: str, *, other: str | None = None) -> View:
    """Explain why two ids are one customer, or what holds a whole customer together.

    Parameters
    ----------
    one, other
        Ids of accounts or customers, retired ones too. Without ``other`` every account of
        the customer is told with the evidence that joins it, beginning with ``one`` or, for
        a customer, with its smallest account.

    Returns
    -------
    ``is_one``, ``customer_id``, ``steps`` in the order in which they lead on, ``unexplained``
    accounts that no evidence reaches any more, ``truncated`` where the customer has more
    accounts than are looked at, and ``text``.

    Raises
    ------
    PartyNotFoundError, CustomerRetiredError
        If an id is nobody's.
    """
    first = party(ask, one)
    second = party(ask, other) if other is not None else first
    if first.accounts == second.accounts:
        return _tree(ask, first)
    if not first.customer_id or first.customer_id != second.customer_id:
        text = filled(TWO, one=one, other=second.given)
        return _answer(None, text=text)
    return _way(ask, first, second=second)


@dataclass(frozen=True, slots=True)
class Woven:
    """Accounts with the ties that lead from the first one to the others, as far as they do."""

    telling: Telling
    ties: tuple[Tie, ...]
    lost: tuple[str, ...]

    def steps(self) -> list[View]:
        """Tell every tie."""
        return [step(tie, self.telling) for tie in self.ties]


def woven(ask: Ask, accounts: Sequence[str]) -> Woven:
    """Find out what holds some accounts of one customer together, from the first one on."""
    telling = Telling(members(ask, accounts), policy_in_force(ask))
    ties = tuple(walk(telling.members, accounts[:1], order=telling.policy.order))
    reached = {*accounts[:1], *(tie.other for tie in ties)}
    lost = tuple(account for account in telling.members if account not in reached)
    return Woven(telling, ties, lost)


def _tree(ask: Ask, who: Party) -> View:
    accounts = _whole(ask, who)
    found = woven(ask, accounts)
    text = _of_tree(who, accounts=accounts, lost=found.lost)
    answer = _answer(who, text=text, steps=found.steps())
    truncated = len(accounts) > MOST_ACCOUNTS
    return {**answer, "unexplained": list(found.lost), "truncated": truncated}


def _answer(who: Party | None, *, text: str, steps: Sequence[View] = ()) -> View:
    return {
        "is_one": who is not None,
        "customer_id": (who.customer_id or None) if who else None,
        "text": text,
        "steps": list(steps),
        "unexplained": [],
        "truncated": False,
    }


def _whole(ask: Ask, who: Party) -> list[str]:
    """Return all accounts of a customer, the one asked about first."""
    held = accounts_of(ask, who.customer_id) if who.customer_id else None
    first = who.accounts if who.is_account else ()
    return list(dict.fromkeys([*first, *(held or who.accounts)]))


def _of_tree(who: Party, *, accounts: Sequence[str], lost: Collection[str]) -> str:
    if len(accounts) == 1:
        return filled(ALONE, one=accounts[0])
    text = filled(TREE, n=len(accounts), customer=who.customer_id)
    return f"{text} {filled(LOST, accounts=some(lost))}" if lost else text


def _way(ask: Ask, first: Party, *, second: Party) -> View:
    sources, targets = parted(first, second)
    # of a very large customer only a part is read: the two ends are always in it
    accounts = list(dict.fromkeys([sources[0], targets[0], *_whole(ask, first)]))
    telling = Telling(members(ask, accounts), policy_in_force(ask))
    ties = path(telling.members, sources, targets=targets, order=telling.policy.order)
    text = _of_way(first, second, ties=ties)
    answer = _answer(first, text=text, steps=[step(tie, telling) for tie in ties or ()])
    lost = [] if ties is not None else [sources[0], targets[0]]
    return {**answer, "unexplained": lost, "truncated": len(accounts) > MOST_ACCOUNTS}


def _of_way(first: Party, second: Party, *, ties: Sequence[Tie] | None) -> str:
    if ties is None:
        return filled(LOST, accounts=some([first.given, second.given]))
    return filled(
        JOINED, one=first.given, other=second.given, customer=first.customer_id, n=len(ties)
    )
