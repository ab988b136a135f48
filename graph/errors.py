"""The errors of kith. The branch says how one is treated; the class builds the sentence.

KithError
├── ConfigurationError   the caller must change a setting, a manifest or a parameter (exit 2)
├── SourceError          a source file cannot be used: the load stops before its first write
├── RejectedError        data was rejected and the caller asked for none (exit 3)
├── GraphError           the database cannot be reached, started or written (HTTP 503)
│   └── BusyError        somebody else is writing (HTTP 409)
├── ComputeError         an algorithm cannot say anything on this input
├── NotFoundError        nothing has this key or name (exit 4, HTTP 404)
├── ForbiddenError       the key or role may not do this (HTTP 401 or 403)
└── GuardError           a query or a file path was refused by a guard (exit 5, HTTP 422)

Concrete classes stand beside the code that raises them. Each gives ``en`` and ``zh``
templates; the ``raise`` gives the facts, which stay available as ``error.facts``.
"""

from collections.abc import Collection
from typing import ClassVar

from graph.language import Language, Text, current_language, speaking


class KithError(Exception):
    """Base of every error that kith raises on purpose.

    Parameters
    ----------
    facts
        The values that the sentence names; never a personal value.
    """

    text: ClassVar[Text] = Text("{problem}", "{problem}")
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message())

    def __str__(self) -> str:
        """Return the sentence in the current language."""
        return self.message()

    def message(self, language: Language | None = None) -> str:
        """Return what happened, where, and what to do, in ``language`` or the current one."""
        chosen = language or current_language()
        template: str = getattr(self.text, chosen)
        # facts may be texts of both languages themselves
        with speaking(chosen):
            return template.format(**self.facts)

    @classmethod
    def code(cls) -> str:
        """Return the stable code of this kind of error, for programs: ``manifest-error``."""
        words = "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__)
        return words.lstrip("-")


class ConfigurationError(KithError):
    """The caller must change a setting, a manifest or a parameter."""

    exit_code = 2
    http_status = 422


class SourceError(KithError):
    """A source file cannot be used; nothing was written."""

    http_status = 422


class RejectedError(KithError):
    """Data was rejected, and the caller asked for none or a table kept no row."""

    exit_code = 3
    http_status = 422


class GraphError(KithError):
    """The database cannot be reached, started or written."""

    http_status = 503


class BusyError(GraphError):
    """Somebody else is writing."""

    http_status = 409


class ComputeError(KithError):
    """An algorithm cannot say anything on this input."""

    http_status = 422


class NotFoundError(KithError):
    """Nothing has this key or name."""

    exit_code = 4
    http_status = 404


class ForbiddenError(KithError):
    """The key or role may not do this."""

    http_status = 403


class GuardError(KithError):
    """A query or a file path was refused by a guard."""

    exit_code = 5
    http_status = 422


def some(offenders: Collection[object]) -> str:
    """Name up to five of ``offenders`` and, where there are more, their number.

    >>> some(["a", "b"])
    'a, b'
    >>> some(range(7))
    '0, 1, 2, 3, 4 ... (7 in all)'
    """
    first = ", ".join(str(offender) for offender in list(offenders)[:5])
    return first if len(offenders) <= 5 else f"{first} ... ({len(offenders)} in all)"
