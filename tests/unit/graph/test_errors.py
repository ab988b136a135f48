"""An error keeps its facts, says its sentence in two languages, and knows its treatment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import (
    BusyError,
    ComputeError,
    ConfigurationError,
    ForbiddenError,
    GraphError,
    GuardError,
    KithError,
    NotFoundError,
    RejectedError,
    SourceError,
    some,
)
from graph.language import Text, speaking


class TeaTooColdError(SourceError):
    """The tea is too cold."""

    text = Text("{cup} has {degrees} degrees.", "{cup} 只有 {degrees} 度。")


def test_an_error_says_its_facts_and_keeps_them() -> None:
    error = TeaTooColdError(cup="C1", degrees=12)

    assert str(error) == "C1 has 12 degrees."
    assert error.facts == {"cup": "C1", "degrees": 12}


def test_an_error_speaks_the_language_of_whoever_reads_it() -> None:
    error = TeaTooColdError(cup="C1", degrees=12)

    with speaking("zh"):
        read_in_chinese = str(error)

    assert read_in_chinese == "C1 只有 12 度。"
    assert error.message("en") == "C1 has 12 degrees."


def test_a_fact_of_two_languages_follows_the_sentence() -> None:
    error = TeaTooColdError(cup=Text("the cup", "杯子"), degrees=12)

    assert error.message("zh") == "杯子 只有 12 度。"
    assert error.message("en") == "the cup has 12 degrees."


def test_braces_in_a_fact_are_letters() -> None:
    assert str(TeaTooColdError(cup="{degrees}", degrees=1)) == "{degrees} has 1 degrees."


def test_a_fact_that_is_missing_is_an_error_of_ours_at_once() -> None:
    with pytest.raises(KeyError, match="degrees"):
        TeaTooColdError(cup="C1")


def test_the_code_is_the_name_in_small_letters() -> None:
    assert TeaTooColdError.code() == "tea-too-cold-error"


@pytest.mark.parametrize(
    ("error", "exit_code", "status"),
    [
        (KithError, 1, 500),
        (ConfigurationError, 2, 422),
        (SourceError, 1, 422),
        (RejectedError, 3, 422),
        (GraphError, 1, 503),
        (BusyError, 1, 409),
        (ComputeError, 1, 422),
        (NotFoundError, 4, 404),
        (ForbiddenError, 1, 403),
        (GuardError, 5, 422),
    ],
)
def test_the_branch_says_how_an_error_is_treated(
    error: type[KithError], exit_code: int, status: int
) -> None:
    assert (error.exit_code, error.http_status) == (exit_code, status)


def test_whoever_waits_for_the_database_also_sees_that_it_is_busy() -> None:
    with pytest.raises(GraphError):
        raise BusyError(problem="someone writes")


@given(st.lists(st.integers()))
def test_at_most_five_offenders_are_named_and_all_are_counted(offenders: list[int]) -> None:
    said = some(offenders)

    first, _, rest = said.partition(" ... ")
    assert first == ", ".join(map(str, offenders[:5]))
    assert rest == (f"({len(offenders)} in all)" if len(offenders) > 5 else "")
