"""Which account's word stands in which field, as data that a user can read and override.

The shipped values stand, with their reasons, in ``identity/golden.toml``; a home overrides
them by a file ``golden.toml`` of its own.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from algorithms.survivorship import Rule
from graph.codes import AccountKind
from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings

Field = Literal[
    "gender",
    "birth_year",
    "region",
    "city",
    "occupation",
    "card_tier",
    "acquisition_channel",
    "handle",
    "full_name",
    "given_name",
    "family_name",
    "birth_date",
    "address",
    "postcode",
    "phone",
    "email",
]
SHIPPED: Final = Path(__file__).parent / "identity" / "golden.toml"


class GoldenPolicyError(ConfigurationError):
    """A file of rules for the golden record cannot be read or says something impossible."""

    text = Text(
        "Rules of the golden record in {path}, {place}: {problem}. Compare with "
        "algorithms/identity/golden.toml.",
        "黄金记录规则 {path}，{place}：{problem}。请对照 algorithms/identity/golden.toml。",
    )


class GoldenPolicy(BaseModel):
    """The rule of every field, and whom to believe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[str, ...]
    kinds: tuple[AccountKind, ...]
    fields: Mapping[Field, Rule]

    def trust(self, accounts: Sequence[tuple[str, str | None]]) -> list[int]:
        """Return the place of each account in the order of belief, 0 first.

        Parameters
        ----------
        accounts
            Source and kind (None: not stated) of each; equal ones get equal places.
        """
        order = {
            account: place for place, account in enumerate(sorted(set(accounts), key=self._key))
        }
        return [order[account] for account in accounts]

    def _key(self, account: tuple[str, str | None]) -> tuple[int, int, str, str]:
        source, kind = account
        of_source, of_kind = (_place(source, self.sources), _place(kind, self.kinds))
        return of_source, of_kind, source, kind or ""


def _place(word: str | None, order: Sequence[str]) -> int:
    return order.index(word) if word in order else len(order)


@cache
def shipped_policy() -> GoldenPolicy:
    """Return the rules that hold where nobody says otherwise."""
    return read_golden_policy()


def home_policy(settings: Settings) -> GoldenPolicy:
    """Return the rules of a home: ``KITH_HOME/golden.toml`` over the shipped ones.

    Raises
    ------
    GoldenPolicyError
        As ``read_golden_policy``.
    """
    path = settings.home / SHIPPED.name
    return read_golden_policy(path) if path.exists() else shipped_policy()


def read_golden_policy(path: Path | None = None) -> GoldenPolicy:
    """Read the rules.

    Parameters
    ----------
    path
        A TOML file that overrides single values of the shipped rules; None: none does.

    Raises
    ------
    GoldenPolicyError
        If the file is missing or no TOML, or names an unknown field, rule, kind or key.
    """
    rules, wished = _tables(SHIPPED), _tables(path) if path else {}
    for name, value in wished.items():
        below = rules.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            rules[name] = {**below, **value}
        else:
            rules[name] = value
    try:
        return GoldenPolicy.model_validate(rules)
    except ValidationError as error:
        first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "file"
    raise GoldenPolicyError(path=path or SHIPPED, place=place, problem=first["msg"])


def _tables(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GoldenPolicyError(path=path, place="file", problem=error) from None
