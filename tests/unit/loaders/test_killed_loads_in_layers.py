"""Loads that lie above others, killed on the way: the next command finishes or forgets them."""

from pathlib import Path

import pytest

from graph import layers
from graph.journal import begin, commit, discard_abandoned, folder_of, journal_file, unfinished
from loaders.load import journal_of
from tests.layered_shop import column, files_of, let_lie_above, write
from tests.loading import Shop


@pytest.fixture(autouse=True)
def _layered(monkeypatch: pytest.MonkeyPatch) -> None:
    let_lie_above(monkeypatch)


def killed(shop: Shop, *, after: int) -> list[Path]:
    """Stop a load of a new layer once so many files were moved; return what it was to move."""
    staged = shop.stage(write(shop, orders="O1,A2,2026-01-02,S1 O2,A1,2026-01-02,S1"))
    journal = journal_of(shop.settings, staged.prepared)
    begin(shop.settings, journal)
    home = shop.settings.home
    for origin, target in list(journal.moves.items())[:after]:
        (home / target).parent.mkdir(parents=True, exist_ok=True)
        (home / origin).replace(home / target)
    return [home / target for target in journal.moves.values()]


@pytest.mark.parametrize("after", [0, 1, 3, 99])
def test_a_killed_load_with_layers_is_finished_by_its_journal(shop: Shop, after: int) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    moved = killed(shop, after=after)
    journal = unfinished(shop.settings)
    assert journal is not None

    commit(shop.settings, journal)

    assert all(path.exists() for path in moved)
    assert files_of(shop, "orders") == ["orders.parquet", "orders.0001.parquet"]
    assert column(shop.held()["Account-PLACED-Order"], "start_id", "end_id") == [
        ("shop:A1", "shop:O2"),
        ("shop:A2", "shop:O1"),
    ]
    assert not journal_file(shop.settings).exists()
    assert not folder_of(shop.settings, journal.load_id).exists()


def test_finishing_twice_is_finishing_once(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    killed(shop, after=0)
    journal = unfinished(shop.settings)
    assert journal is not None
    commit(shop.settings, journal)
    once = shop.held()

    commit(shop.settings, journal)

    assert shop.held() == once


def test_a_load_killed_before_its_journal_is_swept_away_and_its_layers_with_it(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    before = shop.held()
    staged = shop.stage(write(shop, orders="O1,A2,2026-01-02,S1"))

    gone = discard_abandoned(shop.settings)

    assert gone == [staged.prepared.report.load_id]
    assert shop.held() == before
    assert files_of(shop, "orders") == ["orders.parquet"]


def test_a_load_that_is_to_be_finished_is_not_swept_away(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    killed(shop, after=1)
    journal = unfinished(shop.settings)
    assert journal is not None

    assert discard_abandoned(shop.settings) == []
    assert folder_of(shop.settings, journal.load_id).exists()


def test_a_killed_load_that_wrote_all_again_takes_the_layers_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    shop.load(write(shop, orders="O3,A1,2026-01-02,S1"))
    monkeypatch.setattr(layers, "MOST_LAYERS", 1)
    killed(shop, after=99)
    # all files are in place, and those that they replace are still there
    assert len(files_of(shop, "orders")) == 2
    journal = unfinished(shop.settings)
    assert journal is not None

    commit(shop.settings, journal)

    assert files_of(shop, "orders") == ["orders.parquet"]
    assert column(shop.held()["shop.orders"], "order_id", "account_id") == [
        ("shop:O1", "shop:A2"),
        ("shop:O2", "shop:A1"),
        ("shop:O3", "shop:A1"),
    ]
