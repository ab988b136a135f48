"""Look for what would keep the database from running, and say how to put it right."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.errors import KithError
from graph.language import Language, Text
from graph.server.config import in_megabytes
from graph.server.errors import PortTakenError
from graph.server.failure import NEEDED_MEGABYTES, free_megabytes
from graph.server.java import find_java, find_maven
from graph.server.lifecycle import locate
from graph.server.paths import Paths, paths_of
from graph.server.process import is_free
from graph.server.record import live_server
from graph.session import verify
from graph.settings import Settings

LANGUAGES: tuple[Language, Language] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: a stable name, whether it is well, and what to say of it."""

    name: str
    ok: bool
    text: Text


def doctor(settings: Settings) -> list[Check]:
    """Look at everything that the database needs; nothing is changed or downloaded.

    Returns
    -------
    One check a line, in the order in which a start would need them. A database at
    ``KITH_NEO4J_URI`` needs the files of the home and the connection alone.
    """
    paths = paths_of(settings)
    home = [_home(paths), *_private_files(paths), _disk(paths)]
    if settings.neo4j_uri is not None:
        return [*home, _connection(settings)]
    machine = [_java(), _maven(paths), _memory(settings)]
    return [*machine, *home, _port(settings, paths), _server(paths), _connection(settings)]


def _java() -> Check:
    return _found("java", lambda: _said("Java {0.version} at {0.path}", find_java()))


def _maven(paths: Paths) -> Check:
    if paths.jars.is_dir():
        text = Text("Neo4j is fetched; Maven is not needed", "Neo4j 已获取，不再需要 Maven")
        return Check("maven", ok=True, text=text)
    return _found("maven", lambda: _said("Maven at {0}", find_maven()))


def _memory(settings: Settings) -> Check:
    total = psutil.virtual_memory().total // 1024**2
    wanted = in_megabytes(settings.heap) + in_megabytes(settings.page_cache)
    facts = f"{wanted} / {total} MB"
    if wanted < total:
        return Check("memory", ok=True, text=Text(facts, facts))
    text = Text(
        f"heap and page cache take {facts}: set KITH_HEAP and KITH_PAGE_CACHE lower",
        f"堆与页缓存需要 {facts}：请调低 KITH_HEAP 与 KITH_PAGE_CACHE",
    )
    return Check("memory", ok=False, text=text)


def _disk(paths: Paths) -> Check:
    free = free_megabytes(_existing(paths.home))
    if free >= NEEDED_MEGABYTES:
        return Check("disk", ok=True, text=Text(f"{free} MB free", f"剩余 {free} MB"))
    text = Text(
        f"{free} MB free, {NEEDED_MEGABYTES} MB needed: free some space or move KITH_HOME",
        f"剩余 {free} MB，至少需要 {NEEDED_MEGABYTES} MB：请清理空间或迁移 KITH_HOME",
    )
    return Check("disk", ok=False, text=text)


def _home(paths: Paths) -> Check:
    if not paths.home.exists():
        text = Text(f"{paths.home} will be made", f"将创建 {paths.home}")
        return Check("home", ok=True, text=text)
    if not paths.home.is_dir():
        text = Text(
            f"{paths.home} is no folder: set KITH_HOME to one",
            f"{paths.home} 不是目录：请另设 KITH_HOME",
        )
        return Check("home", ok=False, text=text)
    return _private("home", paths.home, mode=0o700)


def _private_files(paths: Paths) -> list[Check]:
    files = {"password": paths.password_file, "secret": paths.home / "secret"}
    return [_private(name, file, mode=0o600) for name, file in files.items() if file.exists()]


def _private(name: str, path: Path, *, mode: int) -> Check:
    found = stat.S_IMODE(path.stat().st_mode)
    if not found & 0o077:
        text = Text(f"{path} is its owner's alone", f"{path} 仅所有者可访问")
        return Check(name, ok=True, text=text)
    text = Text(
        f"others may open {path} ({found:o}): chmod {mode:o} {path}",
        f"其他用户可访问 {path}（{found:o}）：请执行 chmod {mode:o} {path}",
    )
    return Check(name, ok=False, text=text)


def _port(settings: Settings, paths: Paths) -> Check:
    running = live_server(paths)
    if running is not None:
        return Check(
            "port", ok=True, text=Text(f"{running.port}, ours", f"{running.port}，由本库占用")
        )
    if settings.bolt_port and not is_free(settings.bolt_port):
        return _failed("port", PortTakenError(port=settings.bolt_port))
    return Check("port", ok=True, text=Text("free", "空闲"))


def _server(paths: Paths) -> Check:
    running = live_server(paths)
    if running is None:
        return Check("server", ok=False, text=Text("not running: kith up", "未运行：kith up"))
    text = Text(f"running as process {running.pid}", f"正在运行，进程 {running.pid}")
    return Check("server", ok=True, text=text)


def _connection(settings: Settings) -> Check:
    def answer() -> Text:
        endpoint = locate(settings)
        verify(endpoint)
        return Text(f"{endpoint.uri} answers", f"{endpoint.uri} 应答正常")

    return _found("connection", answer)


def _found(name: str, look: Callable[[], Text]) -> Check:
    try:
        return Check(name, ok=True, text=look())
    except KithError as error:
        return _failed(name, error)


def _failed(name: str, error: KithError) -> Check:
    return Check(name, ok=False, text=Text(*(error.message(language) for language in LANGUAGES)))


def _said(template: str, fact: object) -> Text:
    said = template.format(fact)
    return Text(said, said)


def _existing(folder: Path) -> Path:
    """Return the nearest folder that exists: a home that is not made yet has a disk too."""
    return next(place for place in (folder, *folder.parents) if place.exists())
