"""Which files hold: what is committed, what will be after a load, and where files go."""

from pathlib import Path

import pytest

from graph.journal import Journal, begin, commit, discard_abandoned, folder_of
from graph.layers import gone_beside
from graph.settings import Settings, read_settings
from graph.staging import (
    NewRows,
    after_load,
    committed_files,
    picture_file,
    placed,
    staged_file,
    staging_folder,
)

ORDERS = ("shop", "orders")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def touch(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def journal(load_id: str, moves: dict[str, str], *removals: str) -> Journal:
    return Journal(load_id, "writing", 1_767_225_600_000, moves, removals)


# ------------------------------------------------------------------------ what is committed


def test_a_home_without_staging_has_no_tables(settings: Settings) -> None:
    assert committed_files(settings) == {}


def test_every_table_of_every_source_has_its_ground_and_layers(settings: Settings) -> None:
    ground = touch(staged_file(settings, "shop", table="orders"))
    layer = touch(ground.with_name("orders.0001.parquet"))
    other = touch(staged_file(settings, "till", table="orders"))

    assert committed_files(settings) == {ORDERS: (ground, layer), ("till", "orders"): (other,)}


def test_a_table_whose_name_begins_like_anothers_is_its_own(settings: Settings) -> None:
    orders = touch(staged_file(settings, "shop", table="orders"))
    lines = touch(staged_file(settings, "shop", table="order_lines"))
    touch(gone_beside(orders.with_name("orders.0001.parquet")))

    assert committed_files(settings) == {("shop", "order_lines"): (lines,), ORDERS: (orders,)}


def test_what_a_load_prepares_is_not_committed(settings: Settings) -> None:
    touch(folder_of(settings, "L1") / "orders.parquet")
    touch(staging_folder(settings) / "stray.parquet")

    assert committed_files(settings) == {}


# ------------------------------------------------------------------------ after a load


def test_after_a_load_a_layer_lies_above_and_a_whole_table_stands_alone() -> None:
    held = {ORDERS: (Path("a"), Path("b"))}

    laid = after_load(held, prepared={ORDERS: NewRows(Path("c"), is_layer=True)})
    whole = after_load(held, prepared={ORDERS: NewRows(Path("c"))})

    assert laid == {ORDERS: (Path("a"), Path("b"), Path("c"))}
    assert whole == {ORDERS: (Path("c"),)}
    assert held == {ORDERS: (Path("a"), Path("b"))}


def test_a_table_that_goes_and_was_never_there_changes_nothing() -> None:
    assert after_load({}, prepared={ORDERS: None}) == {}


# ------------------------------------------------------------------------ where files go


def test_a_first_table_goes_to_its_ground_and_nothing_goes_for_it(settings: Settings) -> None:
    ground, new = picture_file(settings, "Order"), Path("new.parquet")

    assert placed(ground, below=(), new=NewRows(new)) == ({new: ground}, [])
    assert placed(ground, below=(), new=None) == ({}, [])


def test_a_ground_that_is_written_again_is_replaced_and_not_removed(settings: Settings) -> None:
    ground = touch(picture_file(settings, "Order"))
    new = Path("new.parquet")

    assert placed(ground, below=(ground,), new=NewRows(new)) == ({new: ground}, [])


def test_the_tenth_layer_sorts_behind_the_ninth(settings: Settings) -> None:
    ground = touch(picture_file(settings, "Order"))
    below = [ground, *(touch(ground.with_name(f"Order.{n:04}.parquet")) for n in range(1, 10))]

    moves, _ = placed(ground, below=tuple(below), new=NewRows(Path("new"), is_layer=True))

    (tenth,) = moves.values()
    assert tenth.name == "Order.0010.parquet"
    assert sorted([*below[1:], tenth])[-1] == tenth


# ------------------------------------------------------------------------ the journal


def test_a_commit_makes_the_folder_of_a_new_source_for_its_owner_alone(settings: Settings) -> None:
    touch(folder_of(settings, "L1") / "new.parquet")

    commit(settings, journal("L1", {"staging/.load-L1/new.parquet": "staging/till/orders.parquet"}))

    folder = settings.home / "staging" / "till"
    assert [path.name for path in folder.iterdir()] == ["orders.parquet"]
    assert folder.stat().st_mode & 0o077 == 0


def test_loads_that_were_abandoned_are_named_in_order_and_gone(settings: Settings) -> None:
    for load_id in ("L3", "L1", "L2"):
        touch(folder_of(settings, load_id) / "rows.parquet")
    touch(staged_file(settings, "shop", table="orders"))
    begin(settings, journal("L2", {}))

    assert discard_abandoned(settings) == ["L1", "L3"]
    assert folder_of(settings, "L2").exists()
    assert ORDERS in committed_files(settings)
