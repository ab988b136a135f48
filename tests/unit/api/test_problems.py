"""Problems: every error of ours said over HTTP, in both languages, without a personal value."""

import json
from pathlib import Path

import pytest

from api.problems import (
    TITLES,
    ImportingError,
    InvalidRequestError,
    InvalidValue,
    NoSuchProblemError,
    address_of,
    kind_of,
    kinds,
    problem_of,
    title_of,
)
from graph.errors import BusyError, GraphError, KithError, NotFoundError
from graph.language import Text, speaking


class LostError(NotFoundError):
    """Something is lost."""

    text = Text("{thing} is lost", "{thing} 不见了")


class LostAndBusyError(BusyError):
    """Somebody else looks for it."""

    text = Text("{who} looks for it", "{who} 正在查找")


def test_a_problem_names_kind_place_and_remedy() -> None:
    problem = problem_of(LostError(thing="order 7"), request_id="r1")

    assert problem.type == "/problems/lost-error"
    assert problem.code == "lost-error"
    assert problem.status == 404
    assert problem.title == "There is no such thing"
    assert problem.detail == "order 7 is lost"
    assert problem.facts == {"thing": "order 7"}
    assert problem.request_id == "r1"


def test_a_problem_speaks_the_language_asked_for_but_keeps_its_code() -> None:
    with speaking("zh"):
        problem = problem_of(LostError(thing="订单"), request_id="r1")

    assert problem.detail == "订单 不见了"
    assert problem.title == "找不到对象"
    assert problem.code == "lost-error"


def test_facts_that_json_cannot_say_are_said_as_text() -> None:
    problem = problem_of(LostError(thing=Path("/a/b")), request_id="r1")

    assert json.loads(problem.model_dump_json())["facts"] == {"thing": "/a/b"}


@pytest.mark.parametrize("value", ["x", 1, 1.5, True, None])
def test_plain_facts_stay_what_they_are(value: object) -> None:
    problem = problem_of(LostError(thing=value), request_id="r1")

    assert problem.facts["thing"] is value


def test_the_nearest_branch_gives_the_title() -> None:
    assert title_of(LostAndBusyError) == TITLES[BusyError]
    assert title_of(ImportingError) == TITLES[GraphError]


def test_every_branch_of_the_error_tree_has_a_title_in_both_languages() -> None:
    branches = [kind for kind in KithError.__subclasses__() if kind.__module__ == "graph.errors"]

    assert set(branches) <= set(TITLES)
    assert all(title.en and title.zh for title in TITLES.values())


def test_invalid_values_are_listed_beside_the_sentence() -> None:
    wrong = InvalidValue(place="query.limit", rule="less_than_equal", message="at most 500")

    problem = problem_of(
        InvalidRequestError(n=1, places="query.limit"), request_id="r", errors=[wrong]
    )

    assert problem.errors == [wrong]
    assert problem.status == 422


def test_kinds_are_those_that_are_raised_and_ours() -> None:
    found = kinds()

    assert found["importing-error"] is ImportingError
    assert "graph-error" not in found
    assert "lost-error" not in found
    assert list(found) == sorted(found)


def test_each_code_names_one_kind() -> None:
    everywhere = [kind.code() for kind in kinds().values()]

    assert len(everywhere) == len(set(everywhere))


def test_a_kind_is_explained_without_an_occasion() -> None:
    explained = kind_of("importing-error")

    assert explained.status == 503
    assert explained.type == address_of("importing-error")
    assert "{seconds}" in explained.template
    assert explained.about == "A first load is being imported; the database is away meanwhile."


def test_a_code_that_nothing_has_is_said_to_be_none() -> None:
    with pytest.raises(NoSuchProblemError, match="nonsense"):
        kind_of("nonsense")


@pytest.mark.parametrize("code", sorted(kinds()))
def test_every_kind_has_both_languages_a_status_and_a_sentence(code: str) -> None:
    kind = kinds()[code]

    assert kind.text.en
    assert any(letter > "\u2e80" for letter in kind.text.zh)
    assert 300 <= kind.http_status < 600
    assert kind_of(code).about.endswith(".")
