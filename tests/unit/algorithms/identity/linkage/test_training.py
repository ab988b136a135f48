"""Learning a model, and when nothing can be learned."""

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.linkage.model import Model
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.settings import derive, read_choices
from algorithms.identity.linkage.training import NotEstimableError, train
from tests.registers import Register, households, made, two_files


def trained(register: Register, *, seed: int = 1, **training: float) -> Model:
    rows = match_rows(register.persons, np.arange(len(register.truth)))
    choices = read_choices()
    lessons = choices.training.model_copy(update=training)
    return train(rows, derive(rows, choices.model_copy(update={"training": lessons})), seed=seed)


def levels_of(model: Model, name: str) -> dict[str, tuple[float, float]]:
    comparisons = model.splink["comparisons"]
    assert isinstance(comparisons, list)
    (field,) = [field for field in comparisons if field["output_column_name"] == name]
    return {
        level["label_for_charts"]: (level["m_probability"], level["u_probability"])
        for level in field["comparison_levels"][1:]
    }


def true_matches(register: Register) -> int:
    sizes = np.bincount(register.truth)
    return int((sizes * (sizes - 1) // 2).sum())


@pytest.mark.parametrize(
    "sizes",
    [[2] * 40 + [1] * 320, [5] * 60, [1] * 30 + [25] * 12],
    ids=["very few duplicates", "groups of five", "large groups"],
)
def test_the_number_of_matches_is_learned(sizes: list[int]) -> None:
    register = made(sizes, seed=8)

    model = trained(register)

    assert model.trained_on["expected_matches"] == pytest.approx(true_matches(register), rel=0.15)


def test_names_and_birth_dates_are_enough() -> None:
    register = made(
        [2] * 50 + [1] * 350, seed=3, columns=("given_name", "family_name", "birth_date")
    )

    model = trained(register)

    assert model.fields == ("given", "family", "birth")
    assert model.trained_on["expected_matches"] == pytest.approx(50, rel=0.2)


def test_a_register_without_duplicates_has_hardly_any_match() -> None:
    assert trained(made([1] * 300, seed=6)).trained_on["expected_matches"] < 3


def test_two_files_teach_that_one_file_holds_nobody_twice() -> None:
    model = trained(two_files(300, overlap=120, seed=7))

    same, differs = levels_of(model, "source")["same"], levels_of(model, "source")["differs"]
    assert same[0] < 0.1 * same[1]
    assert differs[0] > 0.9


def test_households_are_told_from_persons() -> None:
    register = households(200, twice=0.2, seed=9)

    model = trained(register)

    assert model.trained_on["expected_matches"] == pytest.approx(true_matches(register), rel=0.25)
    # in a household nearly all given names and birth dates differ, and there are more such pairs
    assert levels_of(model, "given")["differs"][0] < 0.1
    assert levels_of(model, "birth")["differs"][0] < 0.1


def test_every_level_has_probabilities_even_where_nobody_shows_it() -> None:
    model = trained(made([2] * 40 + [1] * 100, seed=2, slips=0.0))

    for name in model.fields:
        for m, u in levels_of(model, name).values():
            assert 0 < m < 1
            assert 0 < u < 1


def test_the_same_seed_gives_the_same_model() -> None:
    register = made([2] * 60 + [1] * 200, seed=5)

    one, again = trained(register), trained(register)

    assert one.digest == again.digest


def test_a_sample_of_the_candidates_teaches_much_the_same() -> None:
    register = made([2] * 200 + [1] * 400, seed=10)

    whole = trained(register)
    sample = trained(register, candidate_pairs=100_000, random_pairs=20_000)

    assert sample.trained_on["pairs_learned_from"] < 0.9 * whole.trained_on["pairs_learned_from"]
    assert sample.trained_on["expected_matches"] == pytest.approx(200, rel=0.1)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="fewer than 20"):
        trained(made([2] * 5, seed=1))


def test_rows_that_agree_on_nothing_are_refused() -> None:
    persons = pa.table(
        {"account_id": [str(at) for at in range(30)], "postcode": [f"{at}0" for at in range(30)]}
    )

    with pytest.raises(NotEstimableError, match="agree on anything"):
        trained(Register(persons, np.arange(30)))


def test_columns_that_cannot_tell_people_apart_are_refused() -> None:
    register = made([2] * 50 + [1] * 200, seed=1, columns=("gender",))
    city = pa.array(["rome", "oslo"] * 150)

    with pytest.raises(NotEstimableError, match="gender, city"):
        trained(Register(register.persons.append_column("city", city), register.truth))


def test_a_refusal_speaks_both_languages() -> None:
    with pytest.raises(NotEstimableError) as refused:
        trained(made([2] * 5, seed=1))

    assert "少于 20 位" in refused.value.message("zh")
