"""What a steward wishes, put into the words that the record of decisions knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from algorithms.identity.words import Verb as Spoken
from algorithms.identity.words import Word
from api.identity.members import text
from api.identity.parties import parted, party
from api.identity.wording import BLOCKS, named
from api.views import Ask, Row
from graph.errors import ConfigurationError, NotFoundError
from graph.language import Text

IDENTIFIER: Final = """
MATCH (i:Identifier {identifier_key: $key})
RETURN i.state AS state, i.reason AS reason, i.never_links AS never_links
"""
# what the counts say can be overruled, what a value or a kind is cannot
FIXED: Final = ("listed", "kind")

Verb = Literal["together", "apart", "block", "unblock", "undo"]


class SameAccountError(ConfigurationError):
    """A decision on two accounts names one twice."""

    text = Text(
        "A decision is about two accounts; both ids mean {account}.",
        "决定须涉及两个账户；两个编号都指向 {account}。",
    )


class IdentifierNotFoundError(NotFoundError):
    """No identifier has this key."""

    text = Text(
        "There is no identifier {key}: no account has it. Its key is the one that kith identity "
        "why shows.",
        "没有标识 {key}：没有账户持有它。编号见 kith identity why。",
    )


class IdentifierFixedError(ConfigurationError):
    """An identifier can never be let join."""

    text = Text(
        "The identifier {key} cannot be unblocked: {reason}.", "标识 {key} 无法解除屏蔽：{reason}。"
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a steward asks for.

    ``accounts`` are two ids, of accounts or of customers, for ``together`` and ``apart``;
    ``identifier_key`` names what to ``block`` or ``unblock``, ``undo`` the event or decision
    to take back. ``reason`` has been checked.
    """

    verb: Verb
    reason: str
    accounts: tuple[str, ...] = ()
    identifier_key: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and under which name of the request; all words of one wish share them."""

    actor: str
    key: str
    reason: str

    def word(
        self,
        verb: Spoken,
        *,
        accounts: Iterable[str] = (),
        identifier: str = "",
        refers: str = "",
        customer_id: str = "",
    ) -> Word:
        """Return one word of this voice."""
        return Word(
            verb=verb,
            actor=self.actor,
            reason=self.reason,
            accounts=tuple(accounts),
            identifier=identifier,
            refers=refers,
            customer_id=customer_id,
            key=self.key,
        )


def pinned(ask: Ask, wish: Wish, *, voice: Voice) -> list[Word]:
    """Return the word that puts two accounts together or apart.

    A customer is represented by its smallest account: whoever holds that one holds the id.

    Raises
    ------
    PartyNotFoundError, CustomerRetiredError
        If an id is nobody's.
    SameAccountError
        If both ids mean one account.
    """
    first, second = (party(ask, given) for given in wish.accounts)
    one, other = (accounts[0] for accounts in parted(first, second))
    if one == other:
        raise SameAccountError(account=one)
    verb: Spoken = "together" if wish.verb == "together" else "apart"
    return [voice.word(verb, accounts=sorted((one, other)))]


def judged(ask: Ask, wish: Wish, *, voice: Voice) -> list[Word]:
    """Return the word that blocks an identifier or lets it join.

    Raises
    ------
    IdentifierNotFoundError
        If no account has it.
    IdentifierFixedError
        If its value or kind is such that it never joins.
    """
    held = known_identifier(ask, wish.identifier_key)
    if wish.verb == "block":
        return [voice.word("block", identifier=wish.identifier_key)]
    reason = "listed" if held["never_links"] is True else text(held["reason"])
    if reason in FIXED:
        raise IdentifierFixedError(key=wish.identifier_key, reason=named(BLOCKS, reason))
    return [voice.word("unblock", identifier=wish.identifier_key)]


def known_identifier(ask: Ask, key: str) -> Row:
    """Return state and reason of an identifier; raises `IdentifierNotFoundError`."""
    rows: Sequence[Row] = ask(IDENTIFIER, {"key": key})
    if not rows:
        raise IdentifierNotFoundError(key=key)
    return rows[0]
