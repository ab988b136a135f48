"""What a home remembers outside the database: its id, its company, its sources.

The database holds the home's id and a fingerprint of the secret (the ``Home`` node), so
that nobody writes into the picture of another home by a slip of a setting.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings

SCHEMA_VERSION = 1
HOME_FILE = "home.json"
FIELDS = {
    "name": Text("name", "名称"),
    "currency": Text("currency", "币种"),
    "timezone": Text("time zone", "时区"),
    "phone_region": Text("phone region", "电话区号"),
}


class CompanyError(ConfigurationError):
    """The manifest is of another company than the home."""

    text = Text(
        "This home holds {known!r}, the manifest is of {found!r} ({part}). One home holds one "
        "company: set KITH_HOME to another folder for {found!r}.",
        "此主目录属于 {known!r}，而清单属于 {found!r}（{part}）。一个主目录只容纳一家公司："
        "请为 {found!r} 另设 KITH_HOME。",
    )


class SchemaVersionError(ConfigurationError):
    """The home was written by a version of kith that stores things differently."""

    text = Text(
        "{path} has form {found}, this kith reads form {known}. Use the version of kith that "
        "wrote it, export its tables, and load them here.",
        "{path} 的结构版本为 {found}，当前 kith 只读版本 {known}。"
        "请用写入它的 kith 版本导出数据表，再在此装载。",
    )


@dataclass(frozen=True, slots=True)
class Company:
    """What holds for all of a company's sources."""

    name: str
    currency: str
    timezone: str
    phone_region: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source that has been loaded, in the order in which sources take precedence."""

    name: str
    party: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Home:
    """The contents of ``KITH_HOME/home.json``."""

    home_id: str
    schema_version: int = SCHEMA_VERSION
    company: Company | None = None
    sources: tuple[Source, ...] = field(default=())

    @property
    def timezone(self) -> str:
        """Return the company's time zone, UTC before the first load."""
        return self.company.timezone if self.company else "UTC"

    def with_sources(self, added: Iterable[Source]) -> "Home":
        """Return this home with ``added``: known ones keep their place, new ones follow."""
        latest = {source.name: source for source in added}
        kept = [latest.pop(source.name, source) for source in self.sources]
        return replace(self, sources=(*kept, *latest.values()))

    def without_source(self, name: str) -> "Home":
        """Return this home without a source."""
        return replace(self, sources=tuple(s for s in self.sources if s.name != name))

    def of_company(self, company: Company) -> "Home":
        """Return this home with its company fixed.

        Raises
        ------
        CompanyError
            If the home already belongs to a company that differs in any field.
        """
        if self.company is None:
            return replace(self, company=company)
        for name, known in asdict(self.company).items():
            found = getattr(company, name)
            if found != known:
                raise CompanyError(known=known, found=found, part=FIELDS[name])
        return self


def read_home(settings: Settings) -> Home:
    """Read the home, creating its id on the first call.

    Raises
    ------
    SchemaVersionError
        If another version of kith wrote it.
    """
    path = home_file(settings)
    if not path.exists():
        home = Home(home_id=uuid.uuid4().hex)
        write_home(settings, home)
        return home
    held = json.loads(path.read_text(encoding="utf-8"))
    if held["schema_version"] != SCHEMA_VERSION:
        raise SchemaVersionError(path=path, found=held["schema_version"], known=SCHEMA_VERSION)
    company = Company(**held["company"]) if held["company"] else None
    sources = tuple(Source(**source) for source in held["sources"])
    return Home(held["home_id"], held["schema_version"], company, sources)


def write_home(settings: Settings, home: Home) -> None:
    """Write the home, whole or not at all."""
    write_json(home_file(settings), asdict(home))


def home_file(settings: Settings) -> Path:
    """Return where the home is described."""
    return settings.home / HOME_FILE


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as JSON, whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(path)
