"""Find the Java that runs the database and the Maven that fetches it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from graph.server.errors import JavaMissingError, JavaTooOldError, MavenMissingError

OLDEST_JAVA = 17
_VERSION = re.compile(r'version "(?P<version>[^"]+)"')


@dataclass(frozen=True, slots=True)
class Java:
    """A Java program and what it says of itself, such as ``17.0.15``."""

    path: Path
    version: str

    @property
    def release(self) -> int:
        """Return 17 for ``17.0.15``, 8 for ``1.8.0_402``."""
        numbers = [int(number) for number in re.findall(r"\d+", self.version)]
        return numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]


def find_java() -> Java:
    """Return the Java of ``JAVA_HOME``, else of ``PATH``.

    Raises
    ------
    JavaMissingError
        If there is none, or only a placeholder that names a web page.
    JavaTooOldError
        If it is older than 17.
    """
    path = _java_of_home() or shutil.which("java")
    said = _said_by(path) if path else ""
    found = _VERSION.search(said)
    if path is None or found is None:
        raise JavaMissingError(command=install_command("java"))
    java = Java(Path(path), found["version"])
    if java.release < OLDEST_JAVA:
        raise JavaTooOldError(path=path, version=java.version, command=install_command("java"))
    return java


def find_maven() -> Path:
    """Return the Maven on ``PATH``.

    Raises
    ------
    MavenMissingError
        If there is none.
    """
    path = shutil.which("mvn")
    if path is None:
        raise MavenMissingError(command=install_command("maven"))
    return Path(path)


def install_command(what: str) -> str:
    """Return the command that installs ``java`` or ``maven`` on this kind of machine."""
    if sys.platform == "darwin":
        return {"java": "brew install openjdk@17", "maven": "brew install maven"}[what]
    if shutil.which("dnf"):
        packages = {"java": "java-17-openjdk-headless", "maven": "maven"}
        return f"sudo dnf install {packages[what]}"
    packages = {"java": "openjdk-17-jre-headless", "maven": "maven"}
    return f"sudo apt-get install {packages[what]}"


def _java_of_home() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which(Path(home) / "bin" / "java") if home else None


def _said_by(path: str) -> str:
    try:
        answer = subprocess.run(
            [path, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stderr + answer.stdout
