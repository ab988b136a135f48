"""A database that is not ours is never started, stopped or wiped."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.endpoint import UnreachableError
from graph.server import restart, run_importer, start, status, stop, wipe
from graph.server.errors import (
    NotOurServerError,
)
from graph.server.paths import paths_of
from graph.server.process import free_port
from graph.settings import Settings, read_settings

CONSOLES = Path(__file__).with_name("consoles")
# Answers for its version, sets any password, and fails to start or import as it is told.
JAVA = """#!/bin/sh
case "$*" in
  *-version*) echo 'openjdk version "{version}"' >&2 ;;
  *set-initial-password*) echo "Changed password" ;;
  *"database import"*) cat '{console}'; exit 1 ;;
  *CommunityEntryPoint*) cat '{console}'; exit 1 ;;
esac
"""

IMPORT = """
import sys
from graph.server import run_importer
from graph.settings import read_settings
run_importer(read_settings(home=sys.argv[1], import_heap="1g"), ["--nodes=Account=a.csv"])
"""
ROOT = Path(__file__).parents[4]

MakeJava = Callable[..., None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose server is fetched; its archive was tried and could not be made."""
    settings = read_settings(
        home=tmp_path / "home", heap="512m", page_cache="256m", import_heap="1g"
    )
    software = paths_of(settings).software
    (software / "lib").mkdir(parents=True)
    (software / "classes-17.0.15.none").touch()
    return settings


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
