"""One name for one request, so that sending it twice decides once.

The name holds digests of what the caller called the request and of what it asked for: whoever
uses the name again for something else is told so, instead of getting an answer to another
question.
"""

import hashlib

from algorithms.identity.decisions import decisions_file, read_decisions
from api.identity.models import DecisionRequest
from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings


class IdempotencyKeyReusedError(ConfigurationError):
    """A request's name was used before, for another request."""

    text = Text(
        "This Idempotency-Key was used for another decision. Send each decision with a key of its "
        "own.",
        "此 Idempotency-Key 已用于另一项决定。每项决定请使用各自的键。",
    )


def name_of_request(settings: Settings, given: str, *, wanted: DecisionRequest, actor: str) -> str:
    """Return the name under which the words of a request are recorded.

    Parameters
    ----------
    settings
        The home, whose record of decisions is looked at.
    given
        What the caller calls the request.
    wanted
        What it asks for.
    actor
        Who asks: callers may use the same names.

    Raises
    ------
    IdempotencyKeyReusedError
        If the same caller used the same name for something else.
    """
    own = f"http {actor} {_digest(given)} "
    name = own + _digest(wanted.model_dump_json())
    words = read_decisions(decisions_file(settings))
    if any(word.key.startswith(own) and word.key != name for word in words):
        raise IdempotencyKeyReusedError
    return name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
