"""A trained model as a file."""

import json
from pathlib import Path

import pytest

from algorithms.identity.linkage.model import Model, ModelError, is_outgrown, load
from tests.registers import Linked, linked, made


@pytest.fixture(scope="module")
def shop() -> Linked:
    return linked(made([2] * 60 + [1] * 120, seed=4))


def test_a_model_survives_its_file(shop: Linked, tmp_path: Path) -> None:
    path = tmp_path / "model.json"

    shop.model.save(path)

    assert load(path) == shop.model
    assert load(path).digest == shop.model.digest


def test_the_file_names_nobody(shop: Linked) -> None:
    text = shop.model.as_json()

    names = {
        name for column in ("given", "family", "city") for name in shop.rows[column].to_pylist()
    }
    assert not [name for name in names if name and f'"{name}"' in text]


def test_a_model_tells_what_it_was_trained_on(shop: Linked) -> None:
    counts = shop.model.trained_on

    assert counts["rows"] == 240
    assert counts["seed"] == 1
    assert counts["expected_matches"] == pytest.approx(60, rel=0.15)


def test_the_prior_is_the_weight_of_a_pair_that_nothing_is_known_of(shop: Linked) -> None:
    n_pairs = 240 * 239 / 2

    # about 60 matches: log2(60 / 28,620)
    assert shop.model.prior == pytest.approx(-8.9, abs=0.3)
    assert 2**shop.model.prior * n_pairs == pytest.approx(
        shop.model.trained_on["expected_matches"], rel=0.01
    )


def test_another_model_has_another_digest(shop: Linked) -> None:
    other = shop.model.model_copy(update={"fields": ("given",)})

    assert other.digest != shop.model.digest


def test_a_model_is_outgrown_when_its_blocks_make_far_more_pairs(shop: Linked) -> None:
    small = shop.model.limits.model_copy(update={"min_pairs": 1})
    model = shop.model.model_copy(
        update={"limits": small, "trained_on": {**shop.model.trained_on, "pairs": 10}}
    )

    assert is_outgrown(model, shop.rows)
    assert not is_outgrown(shop.model, shop.rows)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 1, "splink": 3}'])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)

    with pytest.raises(ModelError, match="Train a new one"):
        load(path)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        load(tmp_path / "model.json")


def test_a_model_of_another_version_is_refused(shop: Linked, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**json.loads(shop.model.as_json()), "version": 99}))

    with pytest.raises(ModelError, match="99"):
        load(path)


def test_a_model_is_frozen() -> None:
    assert Model.model_config.get("frozen")
