"""However an attack is spelled, the plan shows what it is."""

from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import GuardError
from graph.guard import Limits, guarded
from graph.session import Database

pytestmark = pytest.mark.integration

ATTACKS = {
    "write-refused-error": ["MATCH", "(", "n", ":", "Customer", ")", "DETACH", "DELETE", "n"],
    "procedure-refused-error": ["CALL", "dbms", ".", "listConnections", "(", ")"],
    "operator-refused-error": ["LOAD", "CSV", "FROM", "$url", "AS", "line", "RETURN", "line"],
    "loop-refused-error": ["RETURN", "size", "(", "range", "(", "1", ",", "9", ")", ")", "AS y"],
}
KEYWORDS = frozenset(
    {"MATCH", "DETACH", "DELETE", "CALL", "LOAD", "CSV", "FROM", "AS", "RETURN", "IN", "WHERE"}
    | {"range", "size"}
)
GAPS = st.sampled_from(
    [" ", "\n", "\t", "\r\n", " /* x */ ", " // RETURN 1\n", "/**/ ", "\u3000", " \\u0020"]
)


class Spelling(NamedTuple):
    """An attack as it is sent, and the problem it should meet."""

    query: str
    meets: str


@st.composite
def spellings(draw: st.DrawFn) -> Spelling:
    meets = draw(st.sampled_from(sorted(ATTACKS)))
    words = [draw(spelled(word)) for word in ATTACKS[meets]]
    return Spelling("".join(draw(GAPS) + word for word in words), meets)


@st.composite
def spelled(draw: st.DrawFn, word: str) -> str:
    """Write a word in any case, any of its letters as an escape."""
    letters = [draw(cased(letter)) if word in KEYWORDS else letter for letter in word]
    return "".join(
        f"\\u{ord(letter):04x}" if letter.isalpha() and draw(st.booleans()) else letter
        for letter in letters
    )


def cased(letter: str) -> st.SearchStrategy[str]:
    return st.sampled_from([letter.lower(), letter.upper()])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spelling=spellings())
def test_a_spelling_changes_nothing_about_the_verdict(shop: Database, spelling: Spelling) -> None:
    with pytest.raises(GuardError) as caught:
        guarded(
            shop,
            spelling.query,
            parameters={"url": "http://127.0.0.1:1/x"},
            limits=Limits(seconds=30, grace=30),
        )

    assert caught.value.code() == spelling.meets
