"""What each interaction is worth, as data that a user can read and override.

The shipped weights stand, with their reasons, in ``engagement.toml``; a home overrides single
ones by a file ``engagement.toml`` of its own.
"""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from graph.codes import EVENT_KINDS
from graph.errors import ConfigurationError, some
from graph.language import Text
from graph.settings import Settings

SHIPPED: Final = Path(__file__).parent / "engagement.toml"
OWN: Final = ("post", "reply", "ticket")
"""What is written to others or to us, beside the kinds of events."""


class EngagementWeightsError(ConfigurationError):
    """A file of weights cannot be read or says something impossible."""

    text = Text(
        "Weights of engagement in {path}, {place}: {problem}. Compare with "
        "algorithms/engagement.toml.",
        "互动权重 {path}，{place}：{problem}。请对照 algorithms/engagement.toml。",
    )


class EngagementWeights(BaseModel):
    """The weight of each kind of interaction, 0 to 1,000; a kind without one counts nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: Mapping[str, Annotated[float, Ge(0), Le(1_000)]]

    @field_validator("weights")
    @classmethod
    def _are_known(cls, weights: Mapping[str, float]) -> Mapping[str, float]:
        unknown = sorted({*weights} - {*kinds()})
        if unknown:
            problem = f"{unknown[0]} is no interaction; there are {some(kinds())}"
            raise ValueError(problem)
        return weights


def kinds() -> list[str]:
    """Return what can have a weight: the kinds of events, then what is written."""
    return [*sorted(EVENT_KINDS), *OWN]


@cache
def shipped_weights() -> EngagementWeights:
    """Return the weights that hold where nobody says otherwise."""
    return read_weights()


def home_defaults(settings: Settings) -> dict[str, str]:
    """Return the parameters as a home has them: nothing where it has no weights of its own."""
    path = settings.home / SHIPPED.name
    return {"weights": weights_as_text(read_weights(path))} if path.exists() else {}


def read_weights(path: Path | None = None) -> EngagementWeights:
    """Read the weights.

    Parameters
    ----------
    path
        A TOML file that overrides single shipped weights; None: none does.

    Raises
    ------
    EngagementWeightsError
        If the file is missing or no TOML, or names an unknown interaction or key, or a weight
        is no number from 0 to 1,000.
    """
    shipped, wished = _tables(SHIPPED), _tables(path) if path else {}
    own = wished.get("weights", {})
    given = {**wished, "weights": {**_mapping(shipped["weights"]), **_mapping(own)}}
    try:
        return EngagementWeights.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "file"
    raise EngagementWeightsError(path=path or SHIPPED, place=place, problem=first["msg"])


def weights_as_text(weights: EngagementWeights) -> str:
    """Return the weights as JSON text, the form in which a run keeps them."""
    return json.dumps(dict(weights.weights), sort_keys=True)


def weights_from_text(text: str) -> Mapping[str, float]:
    """Read what `weights_as_text` wrote; the shipped weights from an empty text.

    Raises
    ------
    EngagementWeightsError
        If the text is no JSON object of weights.
    """
    if not text:
        return shipped_weights().weights
    try:
        return EngagementWeights.model_validate({"weights": json.loads(text)}).weights
    except (ValidationError, json.JSONDecodeError) as error:
        raise EngagementWeightsError(
            path="engagement.weights", place="text", problem=error
        ) from None


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {"weights": value}


def _tables(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EngagementWeightsError(path=path, place="file", problem=error) from None
