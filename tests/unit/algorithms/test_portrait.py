"""Portraits are inferred where that works, and not written where it does not."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import Result
from algorithms.portrait import ALGORITHM, NothingBoughtError
from algorithms.portrait_model import Grade
from algorithms.portrait_words import notes_on
from algorithms.registry import REGISTRY
from graph.columns import TIME
from tests.demo_bought import customer_of, demo_tables, person_of
from tests.demo_exports import company
from tests.pure import Rows, money, result_of, rows_of, run_on, utc

AS_OF = utc("2026-07-01")
N = 1_200
STATED = 900  # of N; the gender of the rest is not stated


class World:
    """Women mostly buy tea and men mostly ale; both buy rice, and regions buy alike.

    ``loyalty`` is how often they do; 0.5 would say nothing.
    """

    def __init__(self, *, loyalty: float = 0.9, women: float = 0.5, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.ids = [f"c{i:05d}" for i in range(N)]
        self.is_woman = rng.random(N) < women
        self.is_young = rng.random(N) < 0.5
        own = rng.random(N) < loyalty
        self.drink = np.where(self.is_woman == own, "tea", "ale")
        self.toy = np.where(self.is_young == (rng.random(N) < loyalty), "game", "book")
        self.rice = rng.integers(1, 20, N)
        self.region = rng.choice(["north", "south"], N)

    @property
    def genders(self) -> list[str | None]:
        words = np.where(self.is_woman, "female", "male").tolist()
        return [word if place < STATED else None for place, word in enumerate(words)]

    @property
    def births(self) -> list[int | None]:
        years = np.where(self.is_young, 2000, 1960).tolist()
        return [year if place < STATED else None for place, year in enumerate(years)]

    def tables(self) -> dict[str, pa.Table]:
        """Return one order a customer, of three lines."""
        at = pa.array([utc("2026-01-01")] * N, TIME)
        orders = {
            "order_id": pa.array(self.ids, pa.string()),
            "customer_id": pa.array(self.ids, pa.string()),
            "ordered_at": at,
            "ordered_day": at.cast(pa.date32()),
            "status": pa.nulls(N, pa.string()),
            "amount": pa.nulls(N, pa.int64()),
        }
        lines = {
            "order_id": pa.array(self.ids * 3, pa.string()),
            "product_id": pa.array([*self.drink, *self.toy, *["rice"] * N], pa.string()),
            "amount": pa.array([*[100_000] * 2 * N, *(10_000 * self.rice)], pa.int64()),
        }
        goods = ["tea", "ale", "rice", "game", "book"]
        regions = [r if place < STATED else None for place, r in enumerate(self.region)]
        customers = {
            "customer_id": pa.array(self.ids, pa.string()),
            "golden_gender": pa.array(self.genders, pa.string()),
            "golden_birth_year": pa.array(self.births, pa.int64()),
            "golden_region": pa.array(regions, pa.string()),
        }
        return {
            "orders": pa.table(orders),
            "order_lines": pa.table(lines),
            "products": pa.table({"product_id": goods, "category_id": [f"k-{g}" for g in goods]}),
            "customers": pa.table(customers),
        }


def told(world: World, **wished: str) -> Result:
    return run_on(ALGORITHM, world.tables(), settings=wished, as_of=AS_OF)


def grade_of(result: Result, name: str) -> dict[str, object]:
    grade = result.metrics[name]
    assert isinstance(grade, dict)
    return grade


def test_what_purchases_tell_is_inferred_as_accurately_as_stated() -> None:
    world = World()

    result = told(world)

    frame = result.frames["Customer"].set_index("customer_id")
    truth = pd.Series(np.where(world.is_woman, "female", "male"), index=world.ids)
    said = frame["portrait_gender"].dropna()
    assert len(said) == N - STATED
    # nine in ten buy as their gender does: within three standard errors of three hundred
    assert (said == truth[said.index]).mean() == pytest.approx(0.9, abs=0.052)
    assert grade_of(result, "gender")["accuracy"] == pytest.approx(0.9, abs=0.055)
    assert grade_of(result, "gender")["verdict"] == "written"


def test_ages_are_bands_of_the_year_of_the_date() -> None:
    world = World()

    frame = told(world).frames["Customer"].set_index("customer_id")

    band = pd.Series(np.where(world.toy == "game", "25_34", "55_and_over"), index=world.ids)
    said = frame["portrait_age_band"].dropna()
    assert len(said) == N - STATED
    assert (said == band[said.index]).all()


def test_what_is_stated_is_not_inferred() -> None:
    frame = told(World()).frames["Customer"]

    assert set(frame["customer_id"]) == {f"c{i:05d}" for i in range(STATED, N)}


def test_what_purchases_do_not_tell_is_not_written_and_that_is_said() -> None:
    result = told(World())

    frame = result.frames["Customer"]
    assert frame["portrait_region"].isna().all()
    assert frame["portrait_region_confidence"].isna().all()
    assert grade_of(result, "region")["verdict"] in ("too_few_sure", "not_accurate")
    assert any(note.en.startswith("Region is not inferred") for note in result.notes)


def test_whoever_hardly_beats_the_commonest_value_is_not_believed() -> None:
    # 85 % are women: naming them always is right for 85 %, and purchases tell little more
    result = told(World(women=0.85, loyalty=0.6))

    grade = grade_of(result, "gender")
    assert grade["verdict"] == "not_better"
    assert grade["majority"] == pytest.approx(0.85, abs=0.07)
    assert result.frames["Customer"]["portrait_gender"].isna().all()


def test_the_margin_is_a_parameter() -> None:
    gain = 0.9 - 0.5

    low, high = (told(World(), margin=str(gain + more)) for more in (-0.1, 0.1))

    assert grade_of(low, "gender")["verdict"] == "written"
    assert grade_of(high, "gender")["verdict"] == "not_better"


def test_an_accuracy_that_is_too_low_is_not_written() -> None:
    result = told(World(), least_accuracy="0.99")

    assert grade_of(result, "gender")["verdict"] == "not_accurate"
    assert result.frames["Customer"]["portrait_gender"].isna().all()


def test_only_customers_of_whom_it_is_sure_are_told() -> None:
    result = told(World(), least_confidence="0.999", least_judged="100")

    assert grade_of(result, "gender")["verdict"] == "too_few_sure"


def test_confidence_reaches_what_was_asked_and_keeps_its_word() -> None:
    result = told(World(), least_confidence="0.8")

    confidence = result.frames["Customer"]["portrait_gender_confidence"].dropna()
    grade = grade_of(result, "gender")
    assert confidence.min() >= 0.8
    assert grade["mean_confidence"] == pytest.approx(grade["accuracy"], abs=0.05)


def test_known_of_too_few_it_is_not_tried() -> None:
    world = World()
    tables = world.tables()
    few = [gender if place < 90 else None for place, gender in enumerate(world.genders)]
    customers = tables["customers"].set_column(1, "golden_gender", pa.array(few, pa.string()))

    result = run_on(ALGORITHM, {**tables, "customers": customers}, as_of=AS_OF)

    # too few of each, or too few to keep some out
    assert grade_of(result, "gender")["verdict"] == "too_few_known"
    assert grade_of(result, "gender")["accuracy"] is None


def test_a_year_of_birth_beyond_any_life_is_no_age() -> None:
    world = World()
    tables = world.tables()
    births = [1900 if year == 1960 else year for year in world.births]
    customers = tables["customers"].set_column(2, "golden_birth_year", pa.array(births, pa.int64()))

    result = run_on(ALGORITHM, {**tables, "customers": customers}, as_of=AS_OF)

    # the old are unknown, so there is one band left
    assert grade_of(result, "age_band")["verdict"] == "too_few_known"


def test_the_seed_decides_who_is_kept_out_and_nothing_else_is_random() -> None:
    world = World()

    first, again, other = told(world), told(world), told(world, seed="2")

    pd.testing.assert_frame_equal(first.frames["Customer"], again.frames["Customer"])
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics


def test_the_basis_counts_categories_bought() -> None:
    assert set(told(World()).frames["Customer"]["portrait_basis"]) == {3}


def one_buyer(amount: float, *, category: str | None = "k") -> dict[str, Rows]:
    at = utc("2026-01-01")
    order = {"order_id": "o", "customer_id": "a", "ordered_at": at, "ordered_day": at.date()}
    return {
        "orders": [dict(order)],
        "order_lines": [{"order_id": "o", "product_id": "p", "amount": money(amount)}],
        "products": [{"product_id": "p", "category_id": category}],
        "customers": [{"customer_id": "a"}],
    }


@pytest.mark.parametrize(("amount", "category"), [(-5, "k"), (0, "k"), (5, None)])
def test_where_nothing_of_a_category_was_paid_nothing_is_said(
    amount: float, category: str | None
) -> None:
    with pytest.raises(NothingBoughtError, match="nothing can be inferred"):
        result_of(ALGORITHM, one_buyer(amount, category=category))


def test_one_buyer_is_not_painted() -> None:
    result = result_of(ALGORITHM, one_buyer(5))

    rows = rows_of(result.frames["Customer"], "customer_id", "portrait_basis", "portrait_gender")
    assert rows == [("a", 1, None)]
    assert len(result.notes) == 3


def test_too_much_confidence_is_said() -> None:
    grade = Grade("written", 900, 270, 200, accuracy=0.80, majority=0.5, mean_confidence=0.9)

    notes = notes_on({"gender": grade})

    assert notes[0].en == "Gender: confidence averages 0.90, right are 0.80."


def test_it_runs_after_the_record_that_it_completes() -> None:
    assert REGISTRY.upstream(ALGORITHM) == {"golden"}


def test_an_inference_is_explained_with_its_accuracy() -> None:
    explain = ALGORITHM.explain
    assert explain
    customer: dict[str, object] = {
        "portrait_age_band": "25_34",
        "portrait_age_band_confidence": 0.86,
    }

    said = explain(customer, {"age_band": {"accuracy": 0.88, "majority": 0.4}})

    assert said.en == (
        "Inferred from what was bought: age band 25 to 34 with confidence 0.86 (right for 0.88 "
        "of customers kept out; the commonest value for 0.40)."
    )
    assert said.zh.startswith("由购买品类推断：年龄段 25-34 岁")
    assert explain({}, {}).en == "Nothing is inferred of this customer."


def test_on_the_demo_it_is_as_right_about_the_unstated_as_it_says() -> None:
    people, rng = company().people, np.random.default_rng(0)
    words = np.where(people.is_female, "female", "male")
    is_stated = rng.random(len(people)) < 0.6
    known = {
        "customer_id": pa.array([customer_of(p) for p in range(len(people))], pa.string()),
        "golden_gender": pa.array(words, pa.string(), mask=~is_stated),
        "golden_birth_year": pa.nulls(len(people), pa.int64()),
        "golden_region": pa.nulls(len(people), pa.string()),
    }
    facts = {**demo_tables(), "customers": pa.table(known)}
    tables = {name: facts[name].select(list(c)) for name, c in ALGORITHM.reads.items()}

    result = run_on(ALGORITHM, tables, as_of=utc("2030-01-01"))

    said = result.frames["Customer"].dropna(subset=["portrait_gender"])
    truth = words[[person_of(customer) for customer in said["customer_id"]]]
    grade = grade_of(result, "gender")
    assert grade["verdict"] == "written"
    assert len(said) > 300
    assert (said["portrait_gender"] == truth).mean() == pytest.approx(grade["accuracy"], abs=0.06)
