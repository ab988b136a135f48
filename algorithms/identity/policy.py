"""What may join accounts, as data that a user can read and override.

The shipped values stand, with their reasons, in ``policy.toml``.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from graph.codes import AccountKind, IdentifierKind
from graph.errors import ConfigurationError
from graph.language import Text

Strength = Literal["strong", "medium", "weak", "none"]
STRENGTHS: Final = ("strong", "medium", "weak", "none")
SHIPPED: Final = Path(__file__).with_name("policy.toml")
TENTHS: Final = 10  # weights are summed as whole tenths, so no order of addition matters


class PolicyError(ConfigurationError):
    """A policy file cannot be read or says something impossible."""

    text = Text(
        "Identity policy {path}, {place}: {problem}. Compare with algorithms/identity/policy.toml.",
        "身份识别策略 {path}，{place}：{problem}。请对照 algorithms/identity/policy.toml。",
    )


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KindPolicy(_Checked):
    """What an identifier of one kind may do; ``None`` means no limit."""

    strength: Strength
    priority: int = Field(ge=1)
    confidence: float = Field(ge=0, le=1)
    cap: int | None = Field(None, ge=1)
    hub: int | None = Field(None, ge=1)
    limit: int | None = Field(None, ge=1)
    unique: bool = False
    window_days: int | None = Field(None, ge=1)
    gap_days: int | None = Field(None, ge=1)

    @property
    def joins(self) -> bool:
        """Tell whether sharing such an identifier makes accounts one."""
        return self.strength != "none"

    @model_validator(mode="after")
    def _hub_lies_above_cap(self) -> "KindPolicy":
        if self.cap is not None and self.hub is not None and self.hub < self.cap:
            problem = f"hub {self.hub} lies below cap {self.cap}"
            raise ValueError(problem)
        return self


class Weights(_Checked):
    """How much an account weighs when customers compete for an id."""

    registered: float = Field(gt=0)
    others: Mapping[AccountKind, float]


class LinkagePolicy(_Checked):
    """What joins by resemblance may do; the probabilities are of a pair being one person."""

    mode: Literal["likely", "careful", "off"]
    sure: float = Field(ge=0, le=1)
    review: float = Field(ge=0, le=1)
    max_accounts: int = Field(ge=2)
    max_registered: int = Field(ge=2)


class Policy(_Checked):
    """The whole policy: kinds of identifiers, weights of accounts, joins by resemblance."""

    kinds: Mapping[IdentifierKind, KindPolicy]
    weights: Weights
    linkage: LinkagePolicy

    @model_validator(mode="after")
    def _priorities_differ(self) -> "Policy":
        if len({kind.priority for kind in self.kinds.values()}) < len(self.kinds):
            problem = "two kinds have the same priority"
            raise ValueError(problem)
        return self

    @property
    def order(self) -> tuple[str, ...]:
        """Return the kinds of identifiers, best evidence first."""
        return tuple(sorted(self.kinds, key=lambda kind: self.kinds[kind].priority))

    @property
    def rules(self) -> tuple[KindPolicy, ...]:
        """Return what each kind of identifier may do, in the same order."""
        return tuple(sorted(self.kinds.values(), key=lambda rule: rule.priority))

    def is_registered(self, kind: str | None) -> bool:
        """Tell whether accounts of ``kind`` count against the caps; ``None``: not stated."""
        return kind not in self.weights.others

    def weight(self, kind: str | None) -> int:
        """Return the weight of an account of ``kind`` in whole tenths."""
        others = {str(name): weight for name, weight in self.weights.others.items()}
        return round(others.get(kind or "", self.weights.registered) * TENTHS)


def read_policy(path: Path | None = None) -> Policy:
    """Read the policy.

    Parameters
    ----------
    path
        A TOML file that overrides single values of the shipped policy; ``None``: none does.

    Raises
    ------
    PolicyError
        If the file is missing or no TOML, names an unknown kind or key, or holds a value
        out of range.
    """
    shipped = _tables(SHIPPED)
    wished = _tables(path) if path else {}
    try:
        return Policy.model_validate(_overlaid(shipped, wished))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "policy"
        raise PolicyError(path=path or SHIPPED, place=place, problem=first["msg"]) from None


def _tables(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(path=path, place="file", problem=error) from None


def _overlaid(shipped: Mapping[str, object], wished: Mapping[str, object]) -> dict[str, object]:
    """Lay ``wished`` over ``shipped``, table by table."""
    merged = dict(shipped)
    for name, value in wished.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = _overlaid(below, value)
        else:
            merged[name] = value
    return merged
