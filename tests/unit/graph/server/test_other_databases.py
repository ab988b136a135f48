"""A database that is not ours is never started, stopped or wiped."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.endpoint import UnreachableError
from graph.server import restart, run_importer, start, status, stop, wipe
from graph.server.errors import NotOurServerError
from graph.server.process import free_port
from graph.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which nothing was ever started."""
    return read_settings(home=tmp_path / "home")


@pytest.mark.parametrize("action", [restart, wipe, lambda home: run_importer(home, [])])
def test_what_only_our_server_can_do_is_refused_for_another(
    settings: Settings, action: Callable[[Settings], object]
) -> None:
    external = settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"})

    with pytest.raises(NotOurServerError) as refusal:
        action(external)

    assert "KITH_NEO4J_URI" in refusal.value.message("en")


def test_another_database_is_never_stopped(settings: Settings) -> None:
    external = settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"})

    stopped = stop(external)

    assert stopped is False


def test_another_database_that_does_not_answer_is_named(settings: Settings) -> None:
    uri = f"bolt://127.0.0.1:{free_port()}"
    external = settings.model_copy(update={"neo4j_uri": uri})

    with pytest.raises(UnreachableError) as failure:
        start(external)

    assert uri in failure.value.message("en")
    assert status(external).state == "external"
    assert status(external).version is None
