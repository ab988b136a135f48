"""What every test may use: a home of its own, one running database, an empty graph.

The server's jars are fetched once a machine, by the code under test, and every home links
to them. One server runs for all integration tests of a session.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from graph.lock import held
from graph.server import start, stop
from graph.server.archive import archive_flags
from graph.server.errors import JavaMissingError, JavaTooOldError, MavenMissingError
from graph.server.fetch import fetch_server
from graph.server.java import find_java
from graph.server.paths import Paths
from graph.session import Database, connect
from graph.settings import Settings, read_settings

CACHE = Path.home() / ".cache" / "kith-test-server"
FETCH_SECONDS = 900.0
# Half the CPU and memory of the default: a test server lives for a minute.
JAVA_FLAGS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# The same examples in every run: who changes a thing is told what it broke, and nobody else.
# KITH_EXPLORE=1 draws others.
hypothesis.settings.register_profile("same", derandomize=not os.environ.get("KITH_EXPLORE"))
hypothesis.settings.load_profile("same")

HomeMaker = Callable[[str], Settings]


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_the_developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KITH_")]:
            patch.delenv(name)
        patch.setenv("KITH_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture(scope="session")
def server_software() -> Path:
    """Return the folder of the fetched server; skip where it cannot be fetched or run."""
    cache = Paths(CACHE)
    try:
        java = find_java()
        with held(cache.lock_file, command="fetch for tests", patience=FETCH_SECONDS):
            fetch_server(cache)
            archive_flags(cache, java)
    except (JavaMissingError, JavaTooOldError, MavenMissingError) as error:
        pytest.skip(str(error))
    return cache.software


@pytest.fixture(scope="session")
def make_home(
    tmp_path_factory: pytest.TempPathFactory, server_software: Path
) -> Iterator[HomeMaker]:
    """Return what makes a home whose database can start at once; all are stopped at the end."""
    made: list[Settings] = []

    def make(name: str) -> Settings:
        home = tmp_path_factory.mktemp(name)
        home.chmod(0o700)
        (home / "server").mkdir()
        (home / "server" / server_software.name).symlink_to(server_software)
        settings = read_settings(
            home=home, heap="512m", page_cache="256m", import_heap="1g", java_flags=JAVA_FLAGS
        )
        made.append(settings)
        return settings

    yield make
    for settings in made:
        stop(settings)


@pytest.fixture(scope="session")
def server_home(make_home: HomeMaker) -> Settings:
    """Return the settings of a home whose database runs as long as the tests do."""
    settings = make_home("shared")
    start(settings)
    return settings


@pytest.fixture(scope="session")
def spare_home(make_home: HomeMaker) -> Settings:
    """Return a home whose database a test may kill; each begins by starting it."""
    return make_home("spare")


@pytest.fixture
def database(server_home: Settings) -> Iterator[Database]:
    """Return a connection to an empty graph; constraints and indexes of other tests stay."""
    start(server_home)
    with connect(server_home) as connected:
        connected.run_auto("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")
        yield connected
