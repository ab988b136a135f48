"""Weights of pairs, field by field."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.score import score, score_between
from tests.registers import Linked, linked, made


@pytest.fixture(scope="module")
def shop() -> Linked:
    return linked(made([2] * 80 + [1] * 160 + [6] * 5, seed=12))


def fields_of(pairs: pa.Table) -> list[str]:
    return [name for name in pairs.column_names if name.startswith("w_")]


def test_a_pair_has_a_weight_for_every_field(shop: Linked) -> None:
    assert fields_of(shop.pairs) == [f"w_{name}" for name in shop.model.fields]


def test_the_weight_is_the_prior_and_what_the_fields_add(shop: Linked) -> None:
    added = np.sum([shop.pairs[name].to_numpy() for name in fields_of(shop.pairs)], axis=0)

    np.testing.assert_allclose(shop.pairs["weight"].to_numpy(), shop.model.prior + added)


def test_the_weight_is_the_logarithm_of_the_odds(shop: Linked) -> None:
    weight, probability = (shop.pairs[name].to_numpy() for name in ("weight", "probability"))

    np.testing.assert_allclose(probability, 1 / (1 + np.exp2(-weight)))


def test_unlikely_pairs_are_left_out(shop: Linked) -> None:
    assert min(shop.pairs["weight"].to_pylist()) >= shop.model.limits.weight_floor


def test_pairs_are_in_order_and_named_once(shop: Linked) -> None:
    ends = list(zip(shop.pairs["left"].to_pylist(), shop.pairs["right"].to_pylist(), strict=True))

    assert ends == sorted(set(ends))
    assert all(left < right for left, right in ends)


def test_probabilities_are_as_often_right_as_they_say(shop: Linked) -> None:
    truth = made([2] * 80 + [1] * 160 + [6] * 5, seed=12).truth
    left, right = (shop.pairs[side].to_numpy() for side in ("left", "right"))

    right_share = (truth[left] == truth[right]).mean()

    assert shop.pairs["probability"].to_numpy().mean() == pytest.approx(right_share, abs=0.06)


def test_a_field_that_is_missing_adds_nothing(shop: Linked) -> None:
    rows = shop.rows
    for pair in shop.pairs.to_pylist():
        ends = rows.take(pa.array([pair["left"], pair["right"]]))
        if ends["city"].null_count:
            assert pair["w_city"] == 0


def test_only_pairs_of_changed_rows_are_scored_and_no_otherwise(shop: Linked) -> None:
    changed = np.random.default_rng(0).random(shop.rows.num_rows) < 0.1

    found = score_between(shop.model, shop.rows, changed=changed)

    ends = [shop.pairs[side].to_numpy() for side in ("left", "right")]
    assert 0 < found.num_rows < shop.pairs.num_rows
    assert found.equals(shop.pairs.filter(pa.array(changed[ends[0]] | changed[ends[1]])))


def test_nothing_changed_is_nothing_scored(shop: Linked) -> None:
    found = score_between(shop.model, shop.rows, changed=np.zeros(shop.rows.num_rows, np.bool_))

    assert found.num_rows == 0
    assert found.schema.equals(shop.pairs.schema)


def test_more_people_change_no_score(shop: Linked) -> None:
    others = match_rows(made([1] * 100, seed=99).persons, np.arange(100))
    n = shop.rows.num_rows
    others = others.set_column(0, "unit", pa.array(np.arange(n, n + 100)))

    found = score(shop.model, pa.concat_tables([shop.rows, others], promote_options="default"))

    ends = [found[side].to_numpy() for side in ("left", "right")]
    assert found.filter(pa.array((ends[0] < n) & (ends[1] < n))).equals(shop.pairs)


def test_rows_may_lack_columns_that_the_model_knows(shop: Linked) -> None:
    found = score(shop.model, shop.rows.drop_columns(["city", "postcode", "birth_day"]))

    assert found["w_city"].to_pylist() == [0.0] * found.num_rows


def test_nobody_is_scored_with_nobody(shop: Linked) -> None:
    assert score(shop.model, shop.rows.slice(0, 0)).num_rows == 0
    assert score(shop.model, shop.rows.slice(0, 1)).num_rows == 0


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    shop = linked(made([2] * 200 + [1] * 400, seed=13))
    family = shop.rows["family"].to_pylist()
    held = Counter(family)

    weights = {
        held[family[pair["left"]]]: pair["w_family"]
        for pair in shop.pairs.to_pylist()
        if family[pair["left"]] == family[pair["right"]]
    }

    assert max(held.values()) in weights
    assert weights[max(weights)] < weights[2] - 1
