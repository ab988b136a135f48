"""The offline tools: they need the store to themselves, so the server must be stopped."""

import os
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path

from graph.server.errors import PasswordMissingError, ServerFailedError
from graph.server.failure import last_words
from graph.server.java import Java
from graph.server.paths import Paths
from graph.server.process import COMMON_FLAGS, environment

ADMIN_CLASS = "org.neo4j.cli.AdminTool"
USER = "neo4j"
LIMIT_SECONDS = 120


def read_password(paths: Paths) -> str:
    """Return the generated password.

    Raises
    ------
    PasswordMissingError
        If the file is gone.
    """
    try:
        return paths.password_file.read_text().strip()
    except FileNotFoundError:
        raise PasswordMissingError(path=paths.password_file, database=paths.database) from None


def ensure_password(paths: Paths, java: Java) -> None:
    """Give the database a password before its first start.

    Raises
    ------
    PasswordMissingError
        If the database has one already and its file is gone.
    """
    if not paths.is_initialised:
        _write_password(paths)
        # The tool reads the password from the file: on the command line every user of
        # the machine could see it.
        arguments = ("dbms", "set-initial-password", f"@{paths.password_file}")
        code, console = run_admin(paths, java, arguments=arguments)
        if code != 0:
            raise ServerFailedError(problem=last_words(console), log=paths.console_log)
    read_password(paths)


def run_admin(paths: Paths, java: Java, *, arguments: Sequence[str]) -> tuple[int, str]:
    """Run a short offline tool and return its exit code and what it printed."""
    answer = subprocess.run(
        admin_command(paths, java, arguments=arguments),
        capture_output=True,
        text=True,
        env=admin_environment(paths),
        timeout=LIMIT_SECONDS,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def admin_command(
    paths: Paths, java: Java, *, arguments: Sequence[str], flags: Sequence[str] = ()
) -> list[str]:
    """Return the command line of an offline tool."""
    program = ["-cp", f"{paths.jars.resolve()}/*", ADMIN_CLASS]
    return [str(java.path), *COMMON_FLAGS, *flags, *program, *arguments]


def admin_environment(paths: Paths) -> dict[str, str]:
    """Return the environment that tells an offline tool which database it works on."""
    conf = str(paths.conf_file.parent)
    return {**environment(), "NEO4J_HOME": str(paths.database), "NEO4J_CONF": conf}


def _write_password(paths: Paths) -> None:
    """Write a new password unless a start that was killed has left one."""
    if paths.password_file.exists():
        return
    # Hexadecimal: it can be taken for neither an option nor a file name of the tool.
    _write_private(paths.password_file, secrets.token_hex(24))


def _write_private(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as opened:
        opened.write(text)
    draft.replace(path)
