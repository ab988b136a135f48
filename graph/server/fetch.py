"""Fetch the database's jars with Maven, all or nothing.

Maven copies into a folder of its own, which is renamed into place when it is complete: a
kill in the middle leaves a folder that the next fetch removes, never half a server.
"""

import logging
import os
import shutil
import subprocess
from pathlib import Path

from graph.server.errors import FetchError
from graph.server.java import find_maven
from graph.server.paths import VERSION, Paths

logger = logging.getLogger(__name__)

# The plugin that copies; pinned, so that the same pom does the same next year.
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
LIMIT_SECONDS = 1800
DRAFT = ".fetch-"


def fetch_server(paths: Paths) -> None:
    """Make sure that the server's jars are there.

    Raises
    ------
    MavenMissingError
        If they must be fetched and there is no Maven.
    FetchError
        If Maven fails; nothing half fetched stays.
    """
    _fetch("pom.xml", paths.jars)


def fetch_browser(paths: Paths) -> None:
    """Make sure that Neo4j Browser's jar is there; raises what `fetch_server` raises."""
    _fetch("browser.xml", paths.browser_jars)


def _fetch(pom: str, target: Path) -> None:
    if target.is_dir():
        return
    maven = find_maven()
    target.parent.mkdir(parents=True, exist_ok=True)
    _discard_drafts(target.parent)
    draft = target.parent / f"{DRAFT}{os.getpid()}"
    draft.mkdir()
    try:
        _copy_jars(maven, pom, draft=draft)
        (draft / "jars").replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _discard_drafts(folder: Path) -> None:
    """Remove what fetches left that were killed; whoever fetches holds the home's lock."""
    for draft in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)


def _copy_jars(maven: Path, pom: str, *, draft: Path) -> None:
    # Maven may write beside its pom, and the package may lie in a read-only place.
    shutil.copy(Path(__file__).with_name(pom), draft / pom)
    logger.info("fetching Neo4j %s with Maven (%s)", VERSION, pom)
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={draft / 'jars'}"]
    _run([str(maven), "-q", "-B", "-f", str(draft / pom), GOAL, *options])
    if not any((draft / "jars").glob("neo4j*.jar")):
        raise FetchError(version=VERSION, problem="Maven ended without a jar")


def _run(command: list[str]) -> None:
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        problem = f"Maven was still busy after {LIMIT_SECONDS} s"
        raise FetchError(version=VERSION, problem=problem) from None
    if answer.returncode != 0:
        raise FetchError(version=VERSION, problem=_first_error(answer.stdout + answer.stderr))


def _first_error(output: str) -> str:
    """Return the first line that Maven marks as an error, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if "[ERROR]" in line]
    return (errors or lines[-1:] or ["Maven said nothing"])[0]
