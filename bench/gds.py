"""Neo4j's Graph Data Science on a home's graph: a peer to measure beside, nothing kith needs.

Maven fetches it into a cache; a second server, with it, opens the data of a home whose own
server is stopped. GDS is GPL, runs as its own process and is not shipped.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.endpoint import Endpoint
from graph.server.admin import USER, read_password
from graph.server.config import as_file, embedded_settings
from graph.server.java import find_java, find_maven
from graph.server.paths import FOLDERS, Paths
from graph.server.process import Launch, end, free_port, spawn, wait_until_ready
from graph.session import Database, open_driver
from graph.settings import Settings

VERSION = "2.13.9"
PARTS = (
    "proc",
    "proc-sysinfo",
    "opengds-extension",
    "open-model-catalog",
    "open-write-services",
)
CACHE = Path.home() / ".cache" / "kith-bench-gds" / VERSION
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
START_SECONDS = 300
FETCH_SECONDS = 1_800


class UnavailableError(Exception):
    """GDS could not be fetched; the text says why."""


def fetched(server_jars: Path) -> Path:
    """Return the folder of GDS and of what it needs beyond the server's own jars.

    Raises
    ------
    UnavailableError
        If Maven does not bring it.
    """
    plugins = CACHE / "plugins"
    if plugins.is_dir():
        return plugins
    draft = CACHE / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _copy(draft)
    present = {_artifact(jar) for jar in server_jars.glob("*.jar")}
    for jar in draft.glob("*.jar"):
        if VERSION not in jar.name and _artifact(jar) in present:
            jar.unlink()
    return draft.rename(plugins)


def _copy(draft: Path) -> None:
    group, row = "org.neo4j.gds", "<dependency><groupId>{}</groupId><artifactId>{}</artifactId>"
    wanted = "".join(
        f"{row.format(group, part)}<version>{VERSION}</version></dependency>" for part in PARTS
    )
    (draft / "pom.xml").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>bench</groupId><artifactId>gds</artifactId><version>1</version>"
        f"<dependencies>{wanted}</dependencies></project>"
    )
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={draft}"]
    command = [str(find_maven()), "-q", "-B", "-f", str(draft / "pom.xml"), GOAL, *options]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=FETCH_SECONDS)
    except subprocess.SubprocessError as error:
        problem = f"Maven could not fetch GDS {VERSION} ({error})"
        raise UnavailableError(problem) from None


def _artifact(jar: Path) -> str:
    return re.sub(r"-\d.*$", "", jar.stem)


@contextmanager
def served(settings: Settings, paths: Paths) -> Iterator[Database]:
    """Serve a home's data with GDS on board; the home's own server must be stopped."""
    plugins, home, port = fetched(paths.jars), paths.home / "gds", free_port()
    for folder in (home, *(home / name for name in FOLDERS)):
        folder.mkdir(exist_ok=True)
    configured = {
        **embedded_settings(settings, port=port, http_port=None),
        "server.directories.data": str(paths.database / "data"),
        "server.directories.plugins": str(plugins),
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.security.procedures.allowlist": "gds.*",
        "db.transaction.timeout": "0",
    }
    (home / "conf" / "neo4j.conf").write_text(as_file(configured), encoding="iso-8859-1")
    flags = (f"-Xms{settings.heap}", f"-Xmx{settings.heap}", "-Djol.skipHotspotSAAttach=true")
    jars = f"{paths.jars.resolve()}/*:{plugins}/*"
    process = spawn(Launch(find_java(), flags, jars, home, home / "logs" / "console.log"))
    endpoint = Endpoint(f"bolt://127.0.0.1:{port}", USER, read_password(paths), is_own=False)
    try:
        wait_until_ready(process, endpoint, seconds=START_SECONDS)
        database = Database(open_driver(endpoint), endpoint)
        yield database
        database.close()
    finally:
        end(process)
