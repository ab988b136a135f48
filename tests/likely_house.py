"""A company of two systems whose people resemble each other, loaded and resolved for tests."""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from algorithms.identity.decisions import decisions_file
from algorithms.identity.run import Options, ResolveReport, resolve_graph
from algorithms.identity.state import RESOLVED_TO
from algorithms.registry import computed_spec
from graph.ddl import install
from graph.dump import digest
from graph.elements import read_element
from graph.session import Database
from graph.settings import Settings
from tests.in_process import CommandLine
from tests.integration.loaders.conftest import LiveShop, forget
from tests.loading import company, part, source
from tests.lookalikes import Maker

SPEC = computed_spec()
ROOT = Path(__file__).parents[1]
HEAD = "id,given,family,born,mail,tel"
TABLES = [
    part(
        "accounts",
        "people",
        account_key="id",
        kind="'member'",
        given_name="given",
        family_name="family",
        birth_date="born",
    ),
    part("identifiers", "people", account_key="id", kind="'email'", value="mail"),
    part("identifiers", "people", account_key="id", kind="'phone'", value="tel"),
]
ORDERS = [
    part("orders", "orders", order_key="no", account_key="id", ordered_at="day"),
    part("order_lines", "orders", order_key="no", product_key="sku", amount="paid"),
]
SOURCES = ("crm", "app")
FIELDS = HEAD.split(",")
KILLED = """
import os, signal, sys
from pathlib import Path
from algorithms.identity.run import resolve_graph
from algorithms.registry import computed_spec
from graph.session import connect
from graph.settings import read_settings
from graph.writer import Writer
left = [int(sys.argv[2])]
def counted(original):
    def step(self, *args, **more):
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return original(self, *args, **more)
    return step
names = "write_nodes write_relationships set_properties delete_nodes delete_relationships"
for name in names.split():
    setattr(Writer, name, counted(getattr(Writer, name)))
settings = read_settings(home=Path(sys.argv[1]))
with connect(settings) as database:
    resolve_graph(database, spec=computed_spec(), settings=settings)
"""

Row = dict[str, str]


def person(account: str, given: str, family: str, *, born: str = "", **more: str) -> Row:
    """Return the row of an account; ``account`` begins with its source."""
    names = {"id": account, "given": given, "family": family, "born": born}
    return dict.fromkeys(FIELDS, "") | names | more


def crowd(n: int = 30, *, seed: int = 5) -> list[Row]:
    """Return people of two systems: some in both, with slips; a few share e-mails or phones."""
    rng = Random(seed)
    maker, rows = Maker(rng), []
    for number in range(n):
        drawn = maker.person()
        for name in SOURCES if number % 2 else SOURCES[:1]:
            told = maker.record(number, drawn).details
            row = person(
                f"{name}:{number}",
                told.get("given_name", ""),
                told.get("family_name", ""),
                born=told.get("birth_date", ""),
            )
            mail = {"mail": f"m{number}@example.org"} if number % 5 == 0 else {}
            rows.append(row | mail)
    return rows


@dataclass
class House(LiveShop):
    """A company that loads people of two systems and resolves them."""

    folder: Path
    settings: Settings
    database: Database
    commands: CommandLine
    rows: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.folder, self.settings)
        self.clear()

    def clear(self) -> None:
        """Empty graph and home."""
        forget(self.settings)
        for name in ("identity.toml", decisions_file(self.settings).name):
            (self.settings.home / name).unlink(missing_ok=True)
        shutil.rmtree(self.settings.home / "models", ignore_errors=True)
        self.database.write("MATCH (n) DETACH DELETE n")
        install(self.database, SPEC)
        self.rows = {}

    def bring(self, *rows: Row) -> None:
        """Load people; a row whose account is known takes the place of the old one."""
        self.rows |= {row["id"]: row for row in rows}
        self.bring_in_order(list(self.rows.values()))

    def bring_in_order(self, rows: list[Row]) -> None:
        """Load people as the lines of the files stand."""
        for name in SOURCES:
            own = [row for row in rows if row["id"].startswith(name)]
            lines = [",".join([row["id"].split(":")[1], *list(row.values())[1:]]) for row in own]
            self.write(f"{name}/people.csv", "\n".join([HEAD, *lines]) + "\n")
            keys = [line.split(",")[0] for line in lines]
            bought = [f"{key},{key},2026-01-02,tea,{len(key)}" for key in keys]
            self.write(f"{name}/orders.csv", "\n".join(["no,id,day,sku,paid", *bought]) + "\n")
        self.put(company(*(self._source(name) for name in SOURCES)), replace=True)

    def _source(self, name: str) -> str:
        files = {"people": f"{name}/people.csv", "orders": f"{name}/orders.csv"}
        return source(name, files=files, tables=[*TABLES, *ORDERS])

    def resolve(self, *, full: bool = False, dry_run: bool = False) -> ResolveReport:
        """Resolve as ``kith resolve`` does."""
        options = Options(full=full, dry_run=dry_run)
        return resolve_graph(self.database, spec=SPEC, options=options, settings=self.settings)

    def anew(self) -> ResolveReport:
        """Look what resolving everything anew would change."""
        return self.resolve(full=True, dry_run=True)

    def digest(self) -> str:
        """Return the digest of the canonical dump."""
        return digest(self.database, SPEC)

    def told(self, name: str) -> list[dict[str, object]]:
        """Read an element."""
        rows: list[dict[str, object]] = read_element(self.database, SPEC, name=name).to_pylist()
        return rows

    def customers(self) -> dict[str, str]:
        """Return the customer of each account."""
        rows = self.told(RESOLVED_TO)
        assert len({row["start_id"] for row in rows}) == len(rows)
        return {str(row["start_id"]): str(row["end_id"]) for row in rows}

    def together(self, *accounts: str) -> bool:
        """Tell whether accounts are one customer."""
        held = self.customers()
        return len({held[account] for account in accounts}) == 1

    def policy(self, text: str) -> None:
        """Give the house a policy of its own."""
        (self.settings.home / "identity.toml").write_text(text)


def killed(house: House, *, after: int) -> int:
    """Resolve in a process of its own that is killed before its next write after some."""
    command = [sys.executable, "-c", KILLED, str(house.settings.home), str(after)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode
