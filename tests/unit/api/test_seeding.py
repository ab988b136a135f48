"""Plans of seeds as the API and the command line give them: wishes, costs, products, words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from algorithms.parameters import ParameterError
from api.commands.seeding import show
from api.exporting import agreed
from api.seeding import PRODUCT, NoDiffusionError, UnknownCostError, Wish, plan
from api.views import View
from graph.errors import KithError
from graph.settings import Settings, read_settings
from tests.pure import Rows, Shelf
from tests.seed_forums import PlanGraph as Graph
from tests.seed_forums import forum, two_crowds


def rows(known: Mapping[str, Mapping[str, object]] | None = None) -> dict[str, Rows]:
    return forum(two_crowds(), known or {})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


@contextmanager
def refused(error: type[KithError]) -> Iterator[pytest.ExceptionInfo[KithError]]:
    with pytest.raises(error) as told:
        yield told
    assert told.value.http_status in (404, 422)


def planned(settings: Settings, wish: Wish, *, graph: Graph | None = None, **held: Rows) -> View:
    shelf = Shelf({**rows(), **held})
    return plan(graph or Graph(), wish, open_=lambda: shelf, settings=settings)


def ids(found: View) -> list[str]:
    items = found["items"]
    assert isinstance(items, list)
    return [str(item["customer_id"]) for item in items]


def test_a_plan_lists_seeds_in_order_with_nickname_reason_and_consents(settings: Settings) -> None:
    found = planned(settings, Wish(2))

    assert ids(found) == ["star", "moon"]
    assert found["n"] == 2
    items = found["items"]
    assert isinstance(items, list)
    assert (items[0]["handle"], items[0]["circle_id"], items[0]["order"]) == ("~star", "k1", 1)
    assert items[1]["explanation"].startswith("Seed 2 of 2")
    assert items[0]["consents"][0]["granted"] is True


def test_a_plan_says_how_far_plain_lists_reach(settings: Settings) -> None:
    lists = planned(settings, Wish(2))["lists"]

    assert isinstance(lists, Mapping)
    assert set(lists) == {"search", "degree", "random"}


def test_the_same_wish_gives_the_same_plan_and_writes_nothing(settings: Settings) -> None:
    first, again = planned(settings, Wish(3)), planned(settings, Wish(3))

    assert first == again
    assert not (settings.home / "runs").exists()


def test_any_numeric_property_is_a_cost(settings: Settings) -> None:
    costs = {name: {"rfm_spend": 30_000} for name in ("moon", "star")}
    known: dict[str, Mapping[str, object]] = {**costs}

    found = planned(settings, Wish(5, cost="rfm_spend"), customers=rows(known)["customers"])

    assert ids(found) == ["star"]
    assert found["spent"] == 3.0


@pytest.mark.parametrize("cost", ["golden_city", "seeds_order", "nonsense", "customer_id"])
def test_what_is_no_number_of_customers_is_no_cost(settings: Settings, cost: str) -> None:
    with refused(UnknownCostError) as told:
        planned(settings, Wish(5, cost=cost))

    assert told.value.facts["cost"] == cost


def test_a_product_is_followed_with_its_own_rates(settings: Settings) -> None:
    adoption = planned(settings, Wish(2, product="tea"), graph=Graph(tea=(0.01, 0.5)))["adoption"]

    assert isinstance(adoption, Mapping)
    assert adoption["with_seeds"][0][0] == 2
    assert adoption["with_seeds"][-1][0] > adoption["without"][-1][0]


@pytest.mark.parametrize(("q", "told"), [(0.5, False), (1e-9, True)])
def test_what_a_course_supposes_is_said(settings: Settings, q: float, *, told: bool) -> None:
    def ask(query: str, given: Mapping[str, object]) -> list[dict[str, object]]:
        row: dict[str, object] = {
            "p": 0.01,
            "q": q,
            "m": 1_234.4,
            "parameters": '{"period_days": 7}',
        }
        return [row] if query == PRODUCT else [dict(of) for of in Graph()(query, given)]

    shelf = Shelf(rows())
    found = plan(ask, Wish(2, product="tea"), open_=lambda: shelf, settings=settings)

    notes = found["notes"]
    assert isinstance(notes, list)
    assert any(
        note.startswith("A period is 7 days. The market of tea is put at 1,234") for note in notes
    )
    assert any("(q is 0): seeds bring themselves" in note for note in notes) == told


def test_rates_above_one_a_period_count_as_one(settings: Settings) -> None:
    found = planned(settings, Wish(2, product="fad"), graph=Graph(fad=(0.2, 3.5)))

    assert found["adoption"] is not None


def test_a_product_of_which_nothing_is_known_is_refused(settings: Settings) -> None:
    with refused(NoDiffusionError) as told:
        planned(settings, Wish(2, product="tea"))

    assert "kith score diffusion" in str(told.value)


@pytest.mark.parametrize(
    ("wish", "parameter"),
    [
        (Wish(0), "budget"),
        (Wish(2, probability=1.5), "probability"),
        (Wish(2, window=0), "window_days"),
    ],
)
def test_wishes_out_of_bounds_are_refused_by_name(
    settings: Settings, wish: Wish, parameter: str
) -> None:
    with refused(ParameterError) as told:
        planned(settings, wish)

    assert told.value.facts["parameter"] == parameter


def test_excluded_customers_are_left_out(settings: Settings) -> None:
    assert ids(planned(settings, Wish(1, excluded=("star", "s1")))) == ["moon"]


def test_other_seeds_and_models_are_passed_on(settings: Settings) -> None:
    found = planned(settings, Wish(1, model="threshold", seed=3))

    assert (found["model"], found["probability"]) == ("threshold", "share of replies")


def test_a_topic_that_nobody_wrote_of_is_said(settings: Settings) -> None:
    found = planned(settings, Wish(1, topic="unheard of"))

    assert (found["n"], found["items"], found["lists"]) == (0, [], None)
    notes = found["notes"]
    assert isinstance(notes, list)
    assert "influence has no way to spread" in notes[0]


# ------------------------------------------------------------------ printed


def test_a_plan_is_printed_with_lists_gain_and_caveats(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    show(planned(settings, Wish(2, product="tea"), graph=Graph(tea=(0.01, 0.5))))

    out = " ".join(capsys.readouterr().out.split())
    assert "~star" in out
    assert "reach on the same check" in out
    assert "The search reaches +0.0 % beside top degree" in out
    assert "The product is with" in out
    assert "No better than top degree" in out


def test_a_plan_of_nobody_is_printed_as_its_reason(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    show(planned(settings, Wish(1, topic="unheard of")))

    assert "influence has no way to spread" in capsys.readouterr().out


def test_consents_are_written_as_what_is_agreed_to() -> None:
    statements = [
        {"purpose": "profiling", "channel": None, "granted": True},
        {"purpose": "marketing", "channel": "sms", "granted": True},
        {"purpose": "sharing", "channel": None, "granted": False},
    ]

    assert agreed(statements) == "marketing:sms, profiling"
