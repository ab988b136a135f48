"""Where kith's own database keeps what, under one home."""

from dataclasses import dataclass
from pathlib import Path

from graph.settings import Settings

VERSION = "5.26.30"
FOLDERS = ("conf", "data", "logs", "run", "import", "plugins", "licenses", "lib", "labs")


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and files of one home; ``home`` is absolute."""

    home: Path

    @property
    def software(self) -> Path:
        """Return the folder of the fetched program."""
        return self.home / "server" / VERSION

    @property
    def jars(self) -> Path:
        """Return the folder of the program's jars."""
        return self.software / "lib"

    @property
    def browser_jars(self) -> Path:
        """Return the folder of Neo4j Browser, fetched on demand."""
        return self.software / "browser"

    @property
    def database(self) -> Path:
        """Return the database's own home."""
        return self.home / "database"

    @property
    def conf_file(self) -> Path:
        """Return the generated configuration."""
        return self.database / "conf" / "neo4j.conf"

    @property
    def password_file(self) -> Path:
        """Return the file that holds the generated password and nothing else."""
        return self.database / "password"

    @property
    def port_file(self) -> Path:
        """Return the file that remembers the chosen port."""
        return self.database / "port"

    @property
    def record_file(self) -> Path:
        """Return the file that says which process serves this home."""
        return self.database / "server.json"

    @property
    def console_log(self) -> Path:
        """Return what the last start wrote to its console."""
        return self.database / "logs" / "console.log"

    @property
    def debug_log(self) -> Path:
        """Return what the server tells about itself, its databases' failures among it."""
        return self.database / "logs" / "debug.log"

    @property
    def import_log(self) -> Path:
        """Return what the last import wrote to its console."""
        return self.database / "logs" / "import.log"

    @property
    def lock_file(self) -> Path:
        """Return the file on which starting, stopping and importing lock."""
        return self.home / "server.lock"

    @property
    def stores(self) -> tuple[Path, Path]:
        """Return the two folders that hold the graph, without users and passwords."""
        data = self.database / "data"
        return data / "databases" / "neo4j", data / "transactions" / "neo4j"

    @property
    def import_mark(self) -> Path:
        """Return the file that is there while an import writes the store, until it ends well."""
        return self.database / "importing"

    @property
    def is_initialised(self) -> bool:
        """Return whether the database has been started once, so that its password is fixed."""
        return (self.database / "data" / "databases" / "system").is_dir()


def paths_of(settings: Settings) -> Paths:
    """Return the paths of the home that ``settings`` name."""
    return Paths(settings.home.expanduser().absolute())


def make_folders(paths: Paths) -> None:
    """Make the database's folders, readable by their owner alone."""
    paths.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (paths.database, *(paths.database / name for name in FOLDERS)):
        folder.mkdir(exist_ok=True, mode=0o700)
