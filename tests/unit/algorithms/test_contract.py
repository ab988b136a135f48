"""The values that declare an algorithm, and the errors that its fault or input gets."""

import subprocess
import sys

import pytest

from algorithms.contract import BrokenPromiseError, MissingColumnError, Result, owned
from algorithms.copurchase import ALGORITHM
from algorithms.registry import REGISTRY
from graph.language import Language, Text

TEXT = Text("Score", "得分")


def test_the_owner_is_the_first_part_of_the_name() -> None:
    assert owned("rfm_recency_days", "number", about=TEXT).owner == "rfm"


def test_an_owner_can_be_named() -> None:
    assert owned("circle_id", "key", about=TEXT, owner="circles").owner == "circles"


def test_range_and_unit_are_kept() -> None:
    p = owned("rfm_r", "integer", about=TEXT, minimum=1, maximum=5, unit="points")

    assert (p.minimum, p.maximum, p.unit, p.kind) == (1, 5, "points", "integer")


def test_outputs_are_labels_first_then_relationships() -> None:
    assert list(ALGORITHM.outputs) == [
        "Product",
        "Product-ALSO_BOUGHT-Product",
        "Category-ALSO_BOUGHT-Category",
        "Brand-ALSO_BOUGHT-Brand",
    ]


def test_a_result_has_no_metrics_unless_it_has() -> None:
    assert Result({}).metrics == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_errors_name_algorithm_place_and_problem_in_both_languages(language: Language) -> None:
    missing = MissingColumnError(algorithm="rfm", table="orders", column="amount")
    broken = BrokenPromiseError(algorithm="rfm", frame="Customer", column="rfm_r", problem="!")

    for text in (missing.message(language), broken.message(language)):
        assert "rfm" in text
    assert "orders" in missing.message(language)
    assert "Customer.rfm_r" in broken.message(language)


def test_members_are_of_the_stages_that_people_look_under() -> None:
    assert {a.name: a.stage for a in REGISTRY} == {
        "rollup": "resolve",
        "golden": "resolve",
        "household": "resolve",
        "rfm": "tag",
        "lifecycle": "tag",
        "reseller": "tag",
        "copurchase": "model",
        "rfm_clusters": "model",
        "churn": "model",
        "clv": "model",
        "repurchase": "model",
        "value_potential": "model",
        "price": "model",
        "portrait": "tag",
        "reply_network": "model",
        "influence": "model",
        "esteem": "model",
        "engagement": "tag",
        "circles": "model",
        "diffusion": "model",
        "network": "report",
        "seeds": "activate",
        "store_health": "activate",
        "alerts": "activate",
    }


def test_listing_algorithms_loads_neither_scipy_nor_the_database() -> None:
    code = (
        "import sys, algorithms.registry; "
        "print([m for m in ('scipy', 'neo4j', 'neomodel', 'duckdb') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
