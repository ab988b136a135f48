"""What can be set about an algorithm, with its bounds, and how a user sets it.

A parameter is declared once, with a sentence in both languages::

    minimum_count: Annotated[int, Text("Fewest baskets", "最少篮数")] = Field(10, ge=1)

The command line's ``--set``, the record of a run and the documents read that declaration.
A value out of bounds is refused by the parameter's name before anything is read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Literal, TypeVar, get_args, get_origin

import annotated_types
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from graph.errors import ConfigurationError, some
from graph.language import Text

Overrides = Mapping[str, Mapping[str, str]]
"""Values by algorithm and parameter, as the user wrote them."""


class Parameters(BaseModel):
    """The parameters of an algorithm: frozen, and nothing beyond what is declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatedParameters(Parameters):
    """Parameters of an algorithm whose results depend on the day they are of."""

    as_of: AwareDatetime


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter as people see it."""

    name: str
    about: Text
    bounds: Text
    default: str


class OverrideError(ConfigurationError):
    """A ``--set`` that does not say which parameter of what takes which value."""

    text = Text(
        "--set {given!r} cannot be read. Write it as algorithm.parameter=value, for example "
        "copurchase.minimum_count=20.",
        "无法理解 --set {given!r}。请写成 算法.参数=值，例如 copurchase.minimum_count=20。",
    )


class UnknownParameterError(ConfigurationError):
    """An algorithm has no parameter of this name."""

    text = Text(
        "{algorithm} has no parameter {parameter!r}. It has: {known}.",
        "{algorithm} 没有参数 {parameter!r}。可设参数：{known}。",
    )


class ParameterError(ConfigurationError):
    """A parameter cannot take this value."""

    text = Text(
        "{algorithm}.{parameter} cannot be {value!r}. It takes {bounds_en}.",
        "{algorithm}.{parameter} 不能为 {value!r}。取值：{bounds_zh}。",
    )


def parse_overrides(given: Iterable[str]) -> Overrides:
    """Read ``algorithm.parameter=value`` texts; of several for one parameter the last wins.

    Raises
    ------
    OverrideError
        If a text is of another form.
    """
    overrides: dict[str, dict[str, str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        algorithm, dot, parameter = name.strip().partition(".")
        if not (equals and dot and algorithm and parameter):
            raise OverrideError(given=text)
        overrides.setdefault(algorithm, {})[parameter] = value.strip()
    return overrides


def parameters_of(
    model: type[P], values: Mapping[str, str], *, algorithm: str, as_of: datetime
) -> P:
    """Build the parameters of one run.

    Parameters
    ----------
    model
        The algorithm's parameters.
    values
        What the user set, as text; the rest keep their defaults.
    algorithm
        Its name, for messages.
    as_of
        The instant that dated parameters get.

    Raises
    ------
    UnknownParameterError
        If a name is not declared; ``as_of`` is not one that can be set here.
    ParameterError
        If a value is not of the declared kind or lies out of bounds.
    """
    known = [spec.name for spec in described(model)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise UnknownParameterError(
            algorithm=algorithm, parameter=unknown[0], known=some(known) or "-"
        )
    dated = {"as_of": as_of} if issubclass(model, DatedParameters) else {}
    try:
        return model.model_validate({**values, **dated})
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    bounds = bounds_of(model.model_fields[name])
    raise ParameterError(
        algorithm=algorithm,
        parameter=name,
        value=values.get(name, ""),
        bounds_en=bounds.en,
        bounds_zh=bounds.zh,
    )


def described(model: type[Parameters]) -> tuple[ParameterSpec, ...]:
    """Return what can be set, in the order of declaration."""
    return tuple(
        ParameterSpec(name, about_of(field), bounds_of(field), f"{field.get_default()}")
        for name, field in model.model_fields.items()
        if name != "as_of"
    )


def about_of(field: FieldInfo) -> Text:
    """Return the sentence declared with a parameter."""
    return next((about for about in field.metadata if isinstance(about, Text)), Text("", ""))


def bounds_of(field: FieldInfo) -> Text:
    """Say what a parameter takes: ``a whole number, from 1 to 100``."""
    kind = _kind(field)
    ends = [end for end in map(_end, field.metadata) if end]
    en = ", ".join([kind.en, " ".join(end.en for end in ends)]) if ends else kind.en
    zh = "，".join([kind.zh, " 且".join(end.zh for end in ends)]) if ends else kind.zh
    return Text(en, zh)


def as_json(parameters: Parameters) -> str:
    """Return the parameters as JSON text with sorted keys; equal parameters, equal text.

    ``as_of`` is left out: the record of a run has it beside the parameters.
    """
    values = parameters.model_dump(mode="json", exclude={"as_of"})
    return json.dumps(values, sort_keys=True, ensure_ascii=False)


def _end(bound: object) -> Text | None:
    """Name one end of a range."""
    match bound:
        case annotated_types.Ge(ge=least):
            return Text(f"from {least}", f"不小于 {least}")
        case annotated_types.Gt(gt=least):
            return Text(f"above {least}", f"大于 {least}")
        case annotated_types.Le(le=most):
            return Text(f"to {most}", f"不大于 {most}")
        case annotated_types.Lt(lt=most):
            return Text(f"below {most}", f"小于 {most}")
    return None


def _kind(field: FieldInfo) -> Text:
    """Name the kind of value that a parameter takes."""
    wanted: object = field.annotation
    if get_origin(wanted) is Literal:
        choices = ", ".join(map(str, get_args(wanted)))
        return Text(f"one of {choices}", f"以下之一：{choices}")
    inner = [part for part in get_args(wanted) if part is not NoneType]
    kinds: Mapping[object, Text] = {
        bool: Text("true or false", "true 或 false"),
        int: Text("a whole number", "整数"),
        Decimal: Text("a decimal number", "小数"),
        float: Text("a number", "数值"),
    }
    return kinds.get(inner[0] if inner else wanted, Text("a text", "文本"))
