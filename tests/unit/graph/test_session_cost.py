"""The session is imported by every command, so importing it must cost little."""

import subprocess
import sys
from pathlib import Path

import pytest

from graph.endpoint import AddressError, Endpoint, UnreachableError
from graph.server.errors import NotRunningError
from graph.server.process import free_port
from graph.session import connect, open_driver, verify
from graph.settings import read_settings

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("module", ["graph.session", "graph.server", "graph.lock"])
def test_importing_does_not_load_the_driver(module: str) -> None:
    code = f"import sys, {module}; print('neo4j' in sys.modules, 'neomodel' in sys.modules)"

    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert said.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("uri", ["http://127.0.0.1:7474", "graph.example.com", ""])
def test_what_is_no_address_is_refused(uri: str) -> None:
    endpoint = Endpoint(uri, "neo4j", "hush", is_own=False)

    with pytest.raises(AddressError) as refusal:
        open_driver(endpoint)

    assert refusal.value.facts["uri"] == uri
    assert "KITH_NEO4J_URI" in refusal.value.message("en")


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    endpoint = Endpoint(f"bolt://127.0.0.1:{free_port()}", "neo4j", "hush", is_own=False)

    with pytest.raises(UnreachableError):
        verify(endpoint)


def test_a_connection_to_a_database_that_does_not_run_says_so(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)

    with pytest.raises(NotRunningError), connect(settings):
        pytest.fail("there is no database")
