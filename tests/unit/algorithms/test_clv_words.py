"""What is said of lifetime value: when each caveat appears, and a customer's own sentence."""

import re
from collections.abc import Sequence

import numpy as np
import pytest

from algorithms.clv.cells import collapsed
from algorithms.clv.choice import Choice, Reason
from algorithms.clv.maximum import Fit
from algorithms.clv.model import MODELS, Fitted
from algorithms.clv.words import (
    FEW,
    MATHEMATICS,
    RELATED,
    TITLES,
    UNCERTAIN,
    explain,
    notes_on_orders,
    notes_on_spend,
)
from graph.language import Text

SURE = (0.1,) * 4
CUSTOMER: dict[str, object] = {
    "clv_expected_orders_365d": 4.26,
    "clv_orders_365d_lower": 1,
    "clv_orders_365d_upper": 9,
    "clv_expected_spend_365d": 12_345.678,
    "clv_probability_alive": 0.876,
}


def fit_of(name: str, errors: tuple[float, ...] = SURE) -> Fitted:
    model = MODELS[name]
    return Fitted(model, Fit(model.names, np.ones(4), 0.0, errors))


def choice(
    name: str = "mbg_nbd",
    *,
    n: int = FEW,
    reason: Reason = "hold-out",
    alive: str | None = "",
    ran_off: dict[str, tuple[str, ...]] | None = None,
    errors: tuple[float, ...] = SURE,
) -> Choice:
    """Return a choice of which nothing has to be said, but for what is asked."""
    taken = fit_of(name, errors)
    nothing = np.zeros(n, np.int64)
    other = taken if alive == "" else (fit_of(alive) if alive else None)
    cells = collapsed(nothing, nothing, age=nothing)
    return Choice(taken, cells, reason, other, None, ran_off or {})


def english(notes: Sequence[Text]) -> list[str]:
    assert all(note.zh and note.zh != note.en for note in notes)
    return [note.en for note in notes]


def of_orders(made: Choice) -> list[str]:
    return english(list(notes_on_orders(made)))


def of_spend(
    *, n: int = 100, left_out: int = 0, correlation: float = 0.0, is_known: bool = True
) -> list[str]:
    found = notes_on_spend(n=n, left_out=left_out, correlation=correlation, is_known=is_known)
    return english(list(found))


def test_a_sound_choice_of_enough_customers_needs_no_word() -> None:
    assert of_orders(choice()) == []
    assert of_orders(choice(reason="parameter")) == []


def test_one_customer_fewer_makes_parameters_rough() -> None:
    assert of_orders(choice(n=FEW - 1)) == ["Only 199 customers: the parameters are rough."]


@pytest.mark.parametrize("name", TITLES)
def test_a_default_is_named_by_its_title(name: str) -> None:
    (said,) = of_orders(choice(name, reason="default"))

    assert f"{TITLES[name]} was taken, the first that fits" in said


def test_every_model_that_ran_off_is_named_with_its_parameters() -> None:
    ran_off = {"mbg_nbd": ("a", "b"), "bg_nbd": ("alpha",)}

    said = of_orders(choice("pareto_nbd", ran_off=ran_off))

    assert said == [
        "MBG/NBD has no best parameters here (a, b run off) and was not used.",
        "BG/NBD has no best parameters here (alpha run off) and was not used.",
    ]


def test_hardly_determined_parameters_are_those_beyond_the_limit() -> None:
    errors = (UNCERTAIN, 1.0001, 0.2, 5.0)

    (said,) = of_orders(choice("pareto_nbd", errors=errors))

    assert said.startswith("The data hardly determine alpha, beta:")


def test_where_another_model_tells_who_is_alive_it_is_named() -> None:
    (said,) = of_orders(choice("bg_nbd", alive="pareto_nbd"))

    assert said.endswith("the probability of being alive is that of Pareto/NBD.")


def test_where_no_model_tells_who_is_alive_that_is_said() -> None:
    (said,) = of_orders(choice("bg_nbd", alive=None))

    assert said.endswith("they have no probability of being alive.")


def test_spend_that_is_known_and_unrelated_needs_no_word() -> None:
    assert of_spend() == []
    assert of_spend(correlation=RELATED) == []
    assert of_spend(correlation=-RELATED) == []


@pytest.mark.parametrize(("correlation", "way"), [(0.101, "more"), (-0.42, "less")])
def test_spend_that_goes_with_frequency_is_said_with_its_direction(
    correlation: float, way: str
) -> None:
    (said,) = of_spend(correlation=correlation)

    assert f"come more often spend {way} at a time" in said
    assert f"(correlation {correlation:.2f})" in said


def test_customers_left_out_are_counted_among_those_who_returned() -> None:
    (said,) = of_spend(n=40, left_out=3)

    assert said.startswith("3 of 40 returning customers paid nothing on balance")


def test_without_a_model_of_spend_its_correlation_is_not_spoken_of() -> None:
    said = of_spend(left_out=40, n=40, correlation=0.9, is_known=False)

    assert len(said) == 2
    assert said[1].endswith("no expected spend.")


def test_a_customer_is_told_figures_interval_and_chance() -> None:
    said = explain(CUSTOMER, {"model": "pareto_nbd"})

    assert said.en == (
        "From how often and how lately they bought, Pareto/NBD expects 4.3 purchase days within "
        "a year (1 to 9) and 12,345.68 spent; the chance that this is still a customer is 88%."
    )
    assert said.zh == (
        "依据购买次数与时间，Pareto/NBD 预期一年内购买 4.3 天（区间 1 至 9），消费 12,345.68；"
        "仍为客户的概率为 88%。"
    )


def test_what_is_not_known_of_a_customer_is_left_out_of_the_sentence() -> None:
    known = {**CUSTOMER, "clv_expected_spend_365d": None, "clv_probability_alive": None}

    said = explain(known, {"model": "bg_nbd"})

    assert said.en.endswith("4.3 purchase days within a year (1 to 9).")
    assert said.zh.endswith("（区间 1 至 9）。")


def test_nothing_spent_is_said_as_such() -> None:
    said = explain({**CUSTOMER, "clv_expected_spend_365d": 0.0}, {"model": "bg_nbd"})

    assert "and 0.00 spent" in said.en


def test_an_unknown_model_is_a_question_mark() -> None:
    assert "bought, ? expects" in explain(CUSTOMER, {}).en


def test_every_model_has_a_title_and_its_place_on_the_page() -> None:
    assert set(TITLES) == set(MODELS)
    for title in TITLES.values():
        assert f"{title}:" in MATHEMATICS.definition.en
        assert f"{title}：" in MATHEMATICS.definition.zh


@pytest.mark.parametrize("part", ["definition", "assumptions", "estimator", "unfit"])
def test_formulas_are_closed_and_the_same_in_both_languages(part: str) -> None:
    text: Text = getattr(MATHEMATICS, part)

    # words within a formula are in the language of the page
    plain = [re.sub(r"\\text\{[^}]*\}", "", side).split("$") for side in text]
    assert all(len(parts) % 2 for parts in plain)
    assert sorted(plain[0][1::2]) == sorted(plain[1][1::2])
