"""The kinds of property that a node or relationship can have, each with its meaning.

neomodel's own properties know a type and whether they are indexed. Ours add what people
and checks need: a description in both languages, a unit, a range, and the algorithm that
owns a computed value. Extra keywords on neomodel properties are observed to survive, not
promised; this mixin is the one place that relies on it, and a test watches it.
"""

from typing import ClassVar, Literal

import neomodel

from graph.language import Text

Kind = Literal[
    "key", "text", "time", "date", "integer", "number", "money", "boolean", "json", "code", "texts"
]


class Described:
    """What a property means: mixed into a neomodel property.

    Parameters
    ----------
    en, zh
        The meaning in one sentence, in both languages.
    unit
        The unit, where the value has one: ``days``, ``currency``.
    minimum, maximum
        The range of values, both ends included; ``None`` is unbounded.
    codes
        The words that a code may be.
    owner
        The algorithm that computes the value; empty for a fact.
    options
        neomodel's own: ``required``, ``default``, ``unique_index``, ``index``.
    """

    kind: ClassVar[Kind]

    def __init__(  # noqa: PLR0913 - one argument for each thing that can be said of a property
        self,
        en: str,
        zh: str,
        *,
        unit: str = "",
        minimum: float | None = None,
        maximum: float | None = None,
        codes: tuple[str, ...] = (),
        owner: str = "",
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.about = Text(en, zh)
        self.unit = unit
        self.minimum = minimum
        self.maximum = maximum
        self.codes = codes
        self.computed_by = owner


class Key(Described, neomodel.StringProperty):
    """Text that identifies something within its source or company."""

    kind = "key"


class String(Described, neomodel.StringProperty):
    """Free text."""

    kind = "text"


class Code(Described, neomodel.StringProperty):
    """One of a list of words."""

    kind = "code"


class Strings(Described, neomodel.ArrayProperty):
    """A sorted list of texts."""

    kind = "texts"


class Time(Described, neomodel.DateTimeNeo4jFormatProperty):
    """An instant, UTC, to the millisecond."""

    kind = "time"


class Day(Described, neomodel.DateProperty):
    """A calendar day."""

    kind = "date"


class Integer(Described, neomodel.IntegerProperty):
    """A whole number."""

    kind = "integer"


class Number(Described, neomodel.FloatProperty):
    """A number."""

    kind = "number"


class Money(Described, neomodel.FloatProperty):
    """An amount in the company's currency, exact to four decimal places."""

    kind = "money"


class Flag(Described, neomodel.BooleanProperty):
    """Yes or no."""

    kind = "boolean"


class Json(Described, neomodel.StringProperty):
    """An object, stored as JSON text with sorted keys."""

    kind = "json"
