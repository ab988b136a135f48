"""Whom a load marks: accounts whose evidence changed, also where only the vault knows of it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from algorithms.identity.run import Options as Resolving
from algorithms.identity.run import ResolveReport, resolve_graph
from algorithms.registry import computed_spec
from graph.journal import unfinished
from graph.secret import read_secret
from graph.session import connect
from graph.vault import open_vault
from loaders import load as loading
from tests.integration.loaders.conftest import LiveShop
from tests.loading import company, part, source

pytestmark = pytest.mark.integration

PEOPLE = part(
    "accounts",
    "people",
    account_key="id",
    kind="'member'",
    full_name="name",
    birth_date="born",
    address="home",
    handle="nick",
)
PHONES = part("identifiers", "people", account_key="id", kind="'phone'", value="tel")
HEAD = "id,name,born,home,nick,tel"
ANN = "A1,Ann Lee,1990-04-07,Bund 1,ann,13812345678"
BOB = "A2,Bob Fox,1985-11-30,Bund 2,bob,13900001111"
BEN = "A3,Ben Fox,1985-11-30,Bund 2,ben,13722223333"
TEXT = company(source(files={"people": "people.csv"}, tables=[PEOPLE, PHONES]))

Marks = dict[str, datetime | None]


@pytest.fixture
def put(live: LiveShop) -> Callable[..., None]:
    """Return what loads the people of some lines."""

    def load(*lines: str, **options: bool) -> None:
        live.write("people.csv", "\n".join([HEAD, *lines]) + "\n")
        live.put(TEXT, **options)

    return load


def marks(live: LiveShop) -> Marks:
    with connect(live.settings) as database:
        rows = database.read("MATCH (a:Account) RETURN a.account_id AS id, a.touched_at AS at")
    return {row["id"].removeprefix("shop:"): row["at"] for row in rows}


def newly_marked(live: LiveShop, before: Marks) -> set[str]:
    return {account for account, at in marks(live).items() if at != before.get(account)}


def resolve(live: LiveShop, **options: bool) -> ResolveReport:
    with connect(live.settings) as database:
        chosen = Resolving(**options)  # type: ignore[arg-type]  # flags alone
        return resolve_graph(database, spec=computed_spec(), options=chosen, settings=live.settings)


def customers(live: LiveShop) -> dict[str, str]:
    query = "MATCH (a:Account)-[:RESOLVED_TO]->(c) RETURN a.account_id AS id, c.customer_id AS c"
    with connect(live.settings) as database:
        return {row["id"].removeprefix("shop:"): row["c"] for row in database.read(query)}


@pytest.mark.parametrize(
    ("before", "after"),
    [("Bob Fox", "Rob Fox"), ("1985-11-30", "1985-11-03"), ("Bund 2", "Bund 3")],
    ids=["name", "birth date", "address"],
)
def test_an_account_is_marked_if_the_vault_alone_learns_of_a_change(
    live: LiveShop, put: Callable[..., None], *, before: str, after: str
) -> None:
    put(ANN, BOB)
    marked = marks(live)

    put(ANN, BOB.replace(before, after))

    assert newly_marked(live, marked) == {"A2"}


def test_an_account_with_another_phone_is_marked(live: LiveShop, put: Callable[..., None]) -> None:
    put(ANN, BOB)
    marked = marks(live)

    put(ANN, BOB.replace("13900001111", "13900002222"))

    assert newly_marked(live, marked) == {"A2"}


def test_the_mark_is_the_instant_of_the_load(live: LiveShop, put: Callable[..., None]) -> None:
    put(ANN, BOB)
    between = datetime.now(UTC)

    put(ANN, BOB.replace("Bob", "Rob"))

    at = marks(live)["A2"]
    assert at is not None
    assert between.replace(microsecond=between.microsecond // 1000 * 1000) <= at
    assert at <= datetime.now(UTC)


def test_the_same_load_again_marks_nobody(live: LiveShop, put: Callable[..., None]) -> None:
    put(ANN, BOB)
    put(ANN, BOB.replace("Bob", "Rob"))
    marked = marks(live)

    put(ANN, BOB.replace("Bob", "Rob"))

    assert newly_marked(live, marked) == set()


def test_a_dry_run_marks_nobody(live: LiveShop, put: Callable[..., None]) -> None:
    put(ANN, BOB)
    marked = marks(live)

    put(ANN, BOB.replace("Bob", "Rob"), dry_run=True)

    assert newly_marked(live, marked) == set()


def test_a_detail_that_is_no_longer_stated_marks_its_account(
    live: LiveShop, put: Callable[..., None]
) -> None:
    put(ANN, BOB)
    marked = marks(live)

    put(ANN, BOB.replace("Bund 2", ""), replace=True)

    assert newly_marked(live, marked) == {"A2"}


def test_an_account_that_goes_is_not_made_again_to_be_marked(
    live: LiveShop, put: Callable[..., None]
) -> None:
    put(ANN, BOB)

    put(ANN, replace=True, confirmed=True)

    assert set(marks(live)) == {"A1"}


def test_a_load_that_is_killed_marks_its_accounts_when_it_is_finished(
    live: LiveShop, put: Callable[..., None], *, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ANN, BOB)
    marked = marks(live)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "write_prepared", killed)
        with pytest.raises(KeyboardInterrupt):
            put(ANN, BOB.replace("Bob", "Rob"))
    assert newly_marked(live, marked) == set()

    put(ANN, BOB.replace("Bob", "Rob"))

    assert unfinished(live.settings) is None
    assert newly_marked(live, marked) == {"A2"}
    vault = open_vault(live.settings, read_secret(live.settings))
    names = {v for rows in vault.accounts() for v in rows["value"].to_pylist()}
    assert {"Rob Fox", "Bob Fox"} & names == {"Rob Fox"}


def test_a_corrected_birth_date_is_resolved_at_once_and_as_if_anew(
    live: LiveShop, put: Callable[..., None]
) -> None:
    shared = BEN.replace("13722223333", "13900001111").replace("1985-11-30", "1958-11-30")
    put(ANN, BOB, shared)
    resolve(live)
    apart = customers(live)

    put(ANN, BOB, shared.replace("1958-11-30", "1985-11-30").replace("Ben", "Bob"))
    partly = resolve(live)

    together = customers(live)
    assert apart["A2"] != apart["A3"]
    assert together["A2"] == together["A3"] != together["A1"]
    assert not partly.is_unchanged
    assert resolve(live, full=True, dry_run=True).is_unchanged


def test_a_load_that_changes_nothing_leaves_resolution_settled(
    live: LiveShop, put: Callable[..., None]
) -> None:
    put(ANN, BOB)
    first = resolve(live)

    put(ANN, BOB)
    again = resolve(live)

    assert again.is_unchanged
    assert again.run_id == first.run_id
