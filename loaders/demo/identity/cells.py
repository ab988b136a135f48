"""Cells that several systems have: identifiers of a record's person, and what they link."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.company import Export
from loaders.demo.dirt import default_phones
from loaders.demo.draw import Flags, Ints, chance, mixed, weighted, zipf
from loaders.demo.files import Extract
from loaders.demo.identity.links import Links, joined, links
from loaders.demo.identity.phones import Held, Span, held
from loaders.demo.identity.world import World, span_of
from loaders.demo.text import hexadecimal, instants, join, overwritten, pick
from loaders.demo.vocabulary import words

MOBILE = "^1[3-9][0-9]{9}$"

Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Told(Export):
    """What one system exports, with what is somebody's on its records."""

    links: Links


@dataclass(frozen=True)
class Records:
    """The records of one system: whose each is, and when it was first and last seen."""

    world: World
    source: str
    person: Ints
    span: Span

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.person)

    def stream(self, subject: str) -> np.random.Generator:
        """Return the generator of ``subject`` in this system."""
        return self.world.stream(f"{self.source} {subject}")

    def draw(self, subject: str, share: float) -> Flags:
        """Flag the share ``share`` of the records."""
        return chance(self.stream(subject), share, n=len(self))


@dataclass(frozen=True)
class Cells:
    """Columns of a system's records, what they link, and how many identifiers they are."""

    columns: Columns
    links: tuple[Links, ...] = ()
    identifiers: int = 0


def records_of(world: World, source: str, *, old: bool = False) -> Records:
    """Return a system's records, one an entry of its register."""
    person = world.registers[source].person
    rng = world.stream(f"{source} span")
    return Records(world, source, person, span_of(len(person), old=old, rng=rng))


def together(parts: Iterable[Cells]) -> Cells:
    """Put cells of the same records side by side."""
    cells = list(parts)
    columns = {name: column for part in cells for name, column in part.columns.items()}
    found = tuple(link for part in cells for link in part.links)
    return Cells(columns, found, sum(part.identifiers for part in cells))


def numbers_held(records: Records) -> Held:
    """Return the number that every record would have if all had one."""
    world = records.world
    rng = records.stream("numbers")
    known = world.people.phones
    return held(known, records.person, span=records.span, rates=world.rates, rng=rng)


def phones(records: Records, numbers: Held, *, known: Flags, defaults: float = 0.0) -> Cells:
    """Write the numbers of the records in ``known``, and until when they held.

    The share ``defaults`` of all records has what is typed instead of a number.
    """
    is_default = records.draw("default phones", defaults)
    is_own = known & ~is_default
    column = number_cells(numbers.number, where=is_own)
    typed = default_phones(len(records), rng=records.stream("default phones typed"))
    column = overwritten(column, is_default, by=typed)
    until = pc.if_else(pc.is_valid(column), instants(numbers.until), None)
    cells = {"phone": column, "phone_until": until}
    linked = links("phone", numbers.number, where=is_own)
    return Cells(cells, (linked,), count_phones(column))


def new_phones(records: Records, numbers: Held, *, known: Flags) -> Cells:
    """Write the numbers that replaced those of records in ``known``, and since when."""
    where = known & (numbers.new > 0)
    cells = {
        "new_phone": number_cells(numbers.new, where=where),
        "new_phone_since": pc.if_else(pa.array(where), instants(numbers.since), None),
    }
    return Cells(cells, (links("phone", numbers.new, where=where),), int(where.sum()))


def number_cells(numbers: Ints, *, where: Flags) -> pa.Array:
    """Write numbers, null outside ``where``."""
    return pa.array(numbers, mask=~where).cast(pa.string())


def count_phones(column: pa.Array) -> int:
    """Count the cells that the manifest takes for a number."""
    return int(pc.sum(pc.match_substring_regex(column, MOBILE)).as_py() or 0)


def mails(records: Records, *, known: float) -> Cells:
    """Write mails; some of them are what people type instead of one."""
    people = records.world.people
    gives = records.draw("mails", known)
    is_default = gives & records.draw("default mails", records.world.rates.default_mails)
    code = people.mail[records.person]
    pool = words("machines", "placeholder_mails")
    rng = records.stream("default mails typed")
    typed = pick(pool, weighted(rng, zipf(len(pool)), n=len(records)))
    column = overwritten(pick(people.mails, code, missing=~gives), is_default, by=typed)
    usable = int(pc.sum(pc.match_substring(column, "@")).as_py() or 0)
    return Cells({"email": column}, (links("email", code, where=gives & ~is_default),), usable)


def union_ids(records: Records, *, knows: Flags) -> Cells:
    """Write the union id of WeChat, one a person."""
    seed = records.world.seed
    union_id = join("oU_", opaque(records.person, seed=seed, subject="identity union"))
    linked = links("union_id", records.person, where=knows)
    return Cells({"union_id": overwritten(union_id, ~knows, by=None)}, (linked,), int(knows.sum()))


def open_ids(records: Records, *, knows: Flags) -> Cells:
    """Write the open id within the system's own mini program, one a record."""
    subject = f"identity {records.source} open id"
    code = opaque(np.arange(len(records)), seed=records.world.seed, subject=subject)
    column = overwritten(join("o", code), ~knows, by=None)
    return Cells({"open_id": column}, (), int(knows.sum()))


def opaque(codes: Ints, *, seed: int, subject: str) -> pa.Array:
    """Write codes as 16 hexadecimal digits that show nothing of them."""
    return hexadecimal(mixed(codes, seed=seed, subject=subject))


def times(records: Records, *, first: str, last: str) -> Cells:
    """Write when each record was first and last seen, into columns of these names."""
    return Cells({first: instants(records.span.first), last: instants(records.span.last)})


def told(records: Records, key: pa.Array, *, cell: Cells, relation: str) -> Told:
    """Return a system's export of one relation, named as it."""
    counts = {"accounts": len(records), "identifiers": cell.identifiers}
    source = records.source
    extract = Extract(relation, f"{source}/{relation}.csv.gz", pa.table(cell.columns))
    return Told(source, (extract,), key, records.person, counts, joined(cell.links))
