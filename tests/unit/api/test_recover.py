"""A load that was cut off is finished once, by one process."""

from pathlib import Path
from typing import cast

import pytest

from api import recover as module
from api.recover import recover
from graph.journal import Journal, begin
from graph.lock import Holder, LockedError, writer, writing
from graph.session import Database
from graph.settings import Settings, read_settings

NO_DATABASE = cast("Database", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def test_without_a_journal_there_is_nothing_to_do(settings: Settings) -> None:
    assert recover(settings, NO_DATABASE) is None
    assert not (settings.home / "write.lock").exists()


def test_a_load_that_was_cut_off_is_finished_under_the_lock(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(settings, Journal("l1", "writing", 0, moves={}))
    holders: list[Holder | None] = []

    def finish(found: Settings, _database: Database, *, spec: object) -> str:
        holders.append(writer(found))
        return "l1"

    monkeypatch.setattr(module, "finish_unfinished", finish)

    assert recover(settings, NO_DATABASE) == "l1"
    assert [h.command for h in holders if h] == ["kith up"]
    assert writer(settings) is None


def test_a_load_at_work_is_left_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(settings, Journal("l1", "writing", 0, moves={}))
    monkeypatch.setattr(
        module, "finish_unfinished", lambda *_, **__: pytest.fail("another process is at work")
    )

    with writing(settings, command="kith load"), pytest.raises(LockedError, match="kith load"):
        recover(settings, NO_DATABASE)
