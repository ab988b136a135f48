"""The query behind a customer, and how its one row becomes an answer."""

from collections.abc import Mapping

import pytest

from algorithms.registry import computed_spec
from api.models import profile_model
from api.profile import (
    CustomerMovedError,
    CustomerNotFoundError,
    CustomerRetiredError,
    profile,
    profile_query,
    whereabouts,
)
from api.views import Row, row_of
from graph.errors import KithError

SPEC = computed_spec()
NOBODY: Row = {
    "customer": {"customer_id": "c", "n_accounts": None, "customer_changed_at": None},
    "accounts": [],
    "orders": [],
    "service": [],
    "community": {},
    "consents": [],
    "runs": [],
    "identifiers": [],
}


def answering(*rows: Row) -> "Recorder":
    return Recorder([list(rows)])


class Recorder:
    """Answers questions in turn and remembers them."""

    def __init__(self, answers: list[list[Row]]) -> None:
        self._answers = answers
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        self.asked.append((query, parameters))
        return self._answers[len(self.asked) - 1]


def test_a_customer_is_one_question() -> None:
    ask = answering(NOBODY)

    profile(ask, "c", spec=SPEC, with_identifiers=True)

    assert len(ask.asked) == 1
    assert ask.asked[0][1]["id"] == "c"


def test_an_id_never_becomes_part_of_a_query() -> None:
    ask = answering(NOBODY)

    profile(ask, "c'}) DETACH DELETE c //", spec=SPEC, with_identifiers=True)

    assert "DETACH" not in ask.asked[0][0]


def test_identifiers_are_not_even_asked_for_where_they_are_withheld() -> None:
    withheld = profile_query(SPEC, with_identifiers=False)

    assert "HAS_IDENTIFIER" not in withheld
    assert "HAS_IDENTIFIER" in profile_query(SPEC, with_identifiers=True)


def test_withheld_identifiers_are_null_and_none_at_all_is_empty() -> None:
    without = {name: value for name, value in NOBODY.items() if name != "identifiers"}

    withheld = profile(answering(without), "c", spec=SPEC, with_identifiers=False)
    none = profile(answering(NOBODY), "c", spec=SPEC, with_identifiers=True)

    assert withheld["identifiers"] is None
    assert none["identifiers"] == []


def test_every_declared_score_of_a_customer_is_asked_for() -> None:
    query = profile_query(SPEC, with_identifiers=True)

    for p in SPEC.nodes["Customer"].properties:
        assert p.name in query


def test_no_column_of_the_vault_is_asked_for() -> None:
    query = profile_query(SPEC, with_identifiers=True)
    personal = {c.name for table in SPEC.tables.values() for c in table.columns if c.personal}

    # 'value' is also the name of an order's worth, and 'national_id' that of a kind
    for name in personal - {"value", "national_id"}:
        assert f".{name}" not in query


def test_somebody_of_whom_nothing_is_known_fits_the_promised_model() -> None:
    found = profile(answering(NOBODY), "c", spec=SPEC, with_identifiers=True)

    shown = profile_model(SPEC).model_validate(found).model_dump()

    assert shown["n_accounts"] == 0
    assert {score["state"] for score in shown["scores"].values()} == {"not-run"}


def test_the_model_has_a_place_for_every_algorithm_of_customers() -> None:
    owners = {p.owner for p in SPEC.nodes["Customer"].properties} - {"", "identity"}

    found = profile(answering(NOBODY), "c", spec=SPEC, with_identifiers=True)

    assert set(row_of(found["scores"])) == owners


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([], CustomerNotFoundError),
        ([{"survivor": None}], CustomerRetiredError),
        ([{"survivor": "s"}], CustomerMovedError),
    ],
)
def test_an_id_without_a_customer_says_what_became_of_it(
    rows: list[Row], kind: type[KithError]
) -> None:
    error = whereabouts(Recorder([rows]), "c")

    assert type(error) is kind
    assert error.facts["customer_id"] == "c"


def test_an_unknown_customer_costs_two_questions_and_no_more() -> None:
    ask = Recorder([[], []])

    with pytest.raises(CustomerNotFoundError):
        profile(ask, "c", spec=SPEC, with_identifiers=True)

    assert len(ask.asked) == 2
