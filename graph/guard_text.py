"""What must be known of a query before the server may look at it.

Whether a query may run is decided on its plan. But making the plan is work too, and two
kinds of text make the server run away while it makes one, out of reach of every limit
[tried on 5.26.30]: nesting some hundred brackets deep overflows the parser's stack, after
which the connection is never answered, and what stands behind LIMIT or SKIP is worked out by
the planner, loops included. So the text's size is bounded and a bound must be plain. Nothing
here looks for words that a query must not hold: whoever fools this reading meets the
watchdog of ``graph.guard`` instead.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from graph.guard_errors import BoundRefusedError, CypherSyntaxError, TextRefusedError
from graph.language import Text

ESCAPE = re.compile(r"\\u+([0-9a-fA-F]{4})")
# Every alternative may end with the text, so that an open quote costs one pass and not many.
TOKEN = re.compile(
    r"""(?P<skip> \s+ | //[^\r\n]* | /\* .*? (?:\*/|\Z) )
      | (?P<string> '(?:\\.|[^'\\])*'? | "(?:\\.|[^"\\])*"? )
      | (?P<name> `(?:``|[^`])*`? )
      | (?P<word> \w+ )
      | (?P<mark> . )""",
    re.VERBOSE | re.DOTALL,
)
CLOSING = {"(": ")", "[": "]", "{": "}"}
BOUNDS = frozenset({"LIMIT", "SKIP", "OFFSET"})
# What ends the expression behind LIMIT; a comma cannot stand in one.
CLAUSES = frozenset(
    {"MATCH", "OPTIONAL", "WITH", "RETURN", "UNWIND", "CALL"}
    | {"UNION", "WHERE", "ORDER", "USE", "FINISH", "YIELD"}
)
# Behind these marks and words, limit is somebody's name: n.limit, $limit, AS limit.
NAMING = frozenset({".", "$", ":", "AS"})

CHARACTERS = Text("characters", "字符数")
NESTED = Text("brackets inside each other", "括号嵌套层数")
BRACES = Text("braces inside each other", "花括号嵌套层数")


@dataclass(frozen=True, slots=True)
class TextLimits:
    """How large and how deep a query's text may be.

    Parameters
    ----------
    characters
        Length. Planning takes more than linear time: 1,000 alternatives in a WHERE take
        4 s, at some 20 characters each; lists of keys belong into parameters.
    brackets
        Brackets of any kind open at once. 200 are parsed, 400 overflow the stack.
    braces
        Braces open at once: subqueries inside each other. Planning doubles its time with
        each level; 20 take half a minute.
    """

    characters: int = 30_000
    brackets: int = 60
    braces: int = 10


class Token(NamedTuple):
    """A word, name, string or mark, and where it starts."""

    kind: str
    text: str
    at: int


END = Token("mark", "", -1)


def check_text(query: str, limits: TextLimits) -> None:
    """Refuse a text that the server cannot be trusted to parse or to plan.

    Raises
    ------
    TextRefusedError
        If it is too long or too deeply nested.
    CypherSyntaxError
        If it cannot be sent.
    BoundRefusedError
        If LIMIT or SKIP holds a function, a list or a subquery.
    """
    _within(CHARACTERS, len(query), limit=limits.characters)
    _sendable(query)
    decoded = ESCAPE.sub(lambda match: chr(int(match[1], 16)), query)
    tokens = list(_tokens(decoded))
    brackets, braces = _depths(tokens)
    _within(NESTED, brackets, limit=limits.brackets)
    _within(BRACES, braces, limit=limits.braces)
    for position in _bounds(tokens):
        _check_bound(tokens, position)


def _sendable(query: str) -> None:
    """Refuse half of a surrogate pair, which JSON lets through and UTF-8 does not have."""
    for offset, letter in enumerate(query):
        if "\ud800" <= letter <= "\udfff":
            line = query.count("\n", 0, offset) + 1
            column = offset - query.rfind("\n", 0, offset)
            problem = "half of a surrogate pair is no letter"
            raise CypherSyntaxError(problem=problem, line=line, column=column, offset=offset)


def _within(measure: Text, amount: int, *, limit: int) -> None:
    if amount > limit:
        raise TextRefusedError(
            measure_en=measure.en, measure_zh=measure.zh, amount=amount, limit=limit
        )


def _tokens(text: str) -> Iterator[Token]:
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind != "skip":
            yield Token(kind, match[0], match.start())


def _depths(tokens: Sequence[Token]) -> tuple[int, int]:
    """Return how many brackets, and how many braces, are open at once."""
    opened: list[str] = []
    brackets = braces = 0
    for token in tokens:
        if token.kind != "mark":
            continue
        if token.text in CLOSING:
            opened.append(CLOSING[token.text])
            brackets, braces = max(brackets, len(opened)), max(braces, opened.count("}"))
        elif opened and token.text == opened[-1]:
            opened.pop()
    return brackets, braces


def _bounds(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield the positions of LIMIT, SKIP and OFFSET, where they are no names."""
    for position, token in enumerate(tokens):
        before = tokens[position - 1].text.upper() if position else ""
        after = tokens[position + 1].text if position + 1 < len(tokens) else ""
        is_name = before in NAMING or after in {":", "."}
        if token.kind == "word" and token.text.upper() in BOUNDS and not is_name:
            yield position


def _check_bound(tokens: Sequence[Token], position: int) -> None:
    word = tokens[position].text.upper()
    expression = list(_expression(tokens[position + 1 :]))
    for token, following in pairwise([*expression, END]):
        is_call = token.kind in {"word", "name"} and following.text == "("
        if token.text in {"[", "{"} or (is_call and token.text.lower() != "tointeger"):
            said = " ".join(t.text for t in expression)[:80]
            raise BoundRefusedError(word=word, expression=said)


def _expression(tokens: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += (token.text in CLOSING) - (token.text in CLOSING.values())
        ends = token.kind == "word" and token.text.upper() in CLAUSES | BOUNDS
        if depth < 0 or (depth == 0 and (ends or token.text in {",", ";"})):
            return
        yield token
