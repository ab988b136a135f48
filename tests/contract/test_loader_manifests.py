"""What every loader promises, tried on every manifest that comes with kith.

A loader is a manifest, so naming one puts it under these checks: ``examples`` with a few
made-up rows of the real files' form, and the demo company as it is written.
"""

import logging
import random
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import KithError
from graph.secret import read_secret
from graph.spec import fact_spec
from graph.staging import committed_files
from graph.vault import open_vault
from loaders.demo.writing import write
from tests.example_files import EXAMPLES, FILES, manifest_of, packed
from tests.loading import Row, Shop, Staged

pytestmark = pytest.mark.slow

Change = Callable[[str, str], str | bytes]
Held = dict[str, list[Row]]
Loaded = tuple[Shop, Staged, Held]


def shop_with(folder: Path, example: str, change: Change = lambda _, content: content) -> Shop:
    """Return a shop with an example's files, each passed through ``change``."""
    shop = Shop(folder)
    for name, content in FILES[example].items():
        shop.write(name, packed(name, change(name, content)))
    return shop


def shuffled(name: str, content: str) -> str:
    lines = content.splitlines(keepends=True)
    start = 0 if name.endswith((".txt", ".txt.gz")) else 1
    rows = lines[start:]
    random.Random(7).shuffle(rows)
    return "".join([*lines[:start], *rows])


def test_every_example_has_files_to_be_tried_on() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.toml")} == set(FILES)


@pytest.fixture(params=sorted(FILES), scope="module")
def example(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def loaded(example: str, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Return a shop that has loaded an example, what that gave, and what the home holds."""
    shop = shop_with(tmp_path_factory.mktemp(example), example)
    staged = shop.load(manifest_of(example))
    return shop, staged, shop.held()


# ------------------------------------------------------------------- rows and their keys


def test_every_table_keeps_a_row_and_every_row_its_key(loaded: Loaded) -> None:
    shop, staged, _ = loaded

    assert staged.prepared.report.empty_tables == []
    assert_rows_have_their_keys(shop)


def assert_rows_have_their_keys(shop: Shop) -> None:
    for (source, name), files in committed_files(shop.settings).items():
        rows = pq.read_table(list(files))
        table = fact_spec().tables[name]
        identities = set(
            zip(*(rows.column(key).to_pylist() for key in table.identity), strict=True)
        )
        assert len(identities) == rows.num_rows > 0, (source, name)
        assert all(None not in identity for identity in identities), (source, name)
        assert set(rows.column("source").to_pylist()) == {source}


def test_times_are_instants(loaded: Loaded) -> None:
    shop, _, _ = loaded

    for path in shop.settings.home.rglob("*.parquet"):
        if path.parent.name != "vault":
            for column in pq.read_schema(path):
                if pa.types.is_timestamp(column.type):
                    assert column.type.tz is not None, (path.name, column.name)


# ------------------------------------------------------------------ the same rows again


def test_loading_twice_is_loading_once(loaded: Loaded, example: str) -> None:
    shop, _, once = loaded

    again = shop.load(manifest_of(example))

    assert not again.prepared.report.changed_anything
    assert shop.held() == once
    for report in again.prepared.report.tables:
        assert (report.new, report.changed, report.removed) == (0, 0, 0), report.table


@pytest.mark.parametrize(
    "change",
    [
        shuffled,
        lambda _, content: b"\xef\xbb\xbf" + content.replace("\n", "\r\n").encode(),
        lambda _, content: content.rstrip("\n"),
    ],
    ids=["shuffled", "BOM and CRLF", "no last newline"],
)
def test_the_form_of_the_files_does_not_matter(
    tmp_path: Path, loaded: Loaded, *, example: str, change: Change
) -> None:
    _, _, plain = loaded
    other = shop_with(tmp_path, example, change)

    other.load(manifest_of(example))

    assert other.held() == plain


def test_unloading_every_source_leaves_nothing(tmp_path: Path, example: str) -> None:
    shop = shop_with(tmp_path, example)
    staged = shop.load(manifest_of(example))

    for source in [s.name for s in staged.prepared.home.sources]:
        shop.unload(source)

    assert shop.held() == {}


# ---------------------------------------------------------------------- spoiled files


def test_a_cut_last_line_is_rejected_with_its_number(tmp_path: Path, example: str) -> None:
    for name, content in FILES[example].items():
        delimiter = " " if ".txt" in name else ","
        cut = content.rstrip("\n").rpartition(delimiter)[0]
        shop = shop_with(tmp_path / name, example)
        shop.write(name, packed(name, cut))

        staged = shop.stage(manifest_of(example))

        last = len(cut.splitlines())
        assert (name, str(last), "", "missing-columns", "") in all_rejects(staged), name


def all_rejects(staged: Staged) -> list[tuple[str, ...]]:
    reports = staged.prepared.report.tables
    return [r for report in reports for r in staged.rejects(report.table, report.source)]


def test_another_delimiter_is_refused_by_name(tmp_path: Path, example: str) -> None:
    def with_bars(name: str, content: str) -> str:
        return content.replace(" " if ".txt" in name else ",", "|")

    shop = shop_with(tmp_path, example, with_bars)

    with pytest.raises(KithError, match=r"Columns at hand|DuckDB refuses"):
        shop.stage(manifest_of(example))


def test_an_unknown_column_is_reported_once(tmp_path: Path, example: str) -> None:
    def widened(name: str, content: str) -> str:
        if ".txt" in name:
            return content
        head, *rows = content.splitlines()
        return "\n".join([f"{head},surplus", *(f"{row},x" for row in rows)]) + "\n"

    shop = shop_with(tmp_path, example, widened)

    staged = shop.stage(manifest_of(example))

    named = [columns.count("surplus") for columns in staged.prepared.report.unread.values()]
    expected = sum(".txt" not in name for name in FILES[example])
    assert sum(named) == expected
    assert max(named, default=0) <= 1


def test_links_to_what_nobody_describes_are_counted_and_kept(tmp_path: Path, example: str) -> None:
    described = ("accounts", "products", "stores", "categories", "campaigns")
    whole = manifest_of(example)
    parts = re.split(r"(?=\[\[source\.table\]\])", whole)
    facts_alone = "".join(
        part for part in parts if not any(f'fills = "{name}"' in part for name in described)
    )
    full = shop_with(tmp_path / "full", example).stage(whole).prepared
    bare = shop_with(tmp_path / "bare", example).stage(facts_alone).prepared

    facts = {"Account-PLACED-Order", "Order-CONTAINS-Product", "Account-WROTE-Post"}
    for name in facts & set(full.report.written):
        assert bare.report.written[name] == full.report.written[name]
    assert sum(bare.report.bare.values()) > sum(full.report.bare.values())


def test_no_personal_value_is_logged_or_stored_in_the_clear(
    tmp_path: Path, example: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = shop_with(tmp_path, example)

    shop.load(manifest_of(example))

    assert_nothing_personal(shop, caplog.text)


def assert_nothing_personal(shop: Shop, log: str) -> None:
    """Hold what the vault knows against every byte and cell of the home, and the log."""
    vault = open_vault(shop.settings, read_secret(shop.settings))
    fields = ("phone", "email", "address", "full_name", "national_id")
    values = {
        row["value"]
        for table in vault.accounts()
        for row in table.to_pylist()
        if row["field"] in fields and len(row["value"]) > 2
    }
    for path in shop.settings.home.rglob("*"):
        if path.is_file() and path.parent.name != "vault":
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content = str(pq.read_table(path).to_pylist()).encode()
            told = content.decode("utf-8", errors="replace") + log
            assert not [value for value in values if value in told], path


# ------------------------------------------------------------------------ the demo company


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Staged]:
    shop = Shop(tmp_path_factory.mktemp("demo"))
    write(shop.data, customers=100, seed=1)
    return shop, shop.load((shop.data / "company.toml").read_text(encoding="utf-8"))


def test_the_demo_company_keeps_its_promises(demo: tuple[Shop, Staged]) -> None:
    shop, staged = demo

    assert staged.prepared.report.empty_tables == []
    assert_rows_have_their_keys(shop)


def test_the_demo_company_loads_twice_as_once(demo: tuple[Shop, Staged]) -> None:
    shop, _ = demo
    once = shop.held()

    again = shop.load((shop.data / "company.toml").read_text(encoding="utf-8"))

    assert not again.prepared.report.changed_anything
    assert shop.held() == once


def test_nothing_personal_of_the_demo_company_is_in_the_clear(demo: tuple[Shop, Staged]) -> None:
    shop, _ = demo

    assert_nothing_personal(shop, "")


def test_the_third_party_of_the_demo_company_can_be_taken_out(
    demo: tuple[Shop, Staged], tmp_path: Path
) -> None:
    shop, _ = demo
    text = (shop.data / "company.toml").read_text(encoding="utf-8")
    without = text[: text.index("# ---- A third party's audience list")]
    fresh = Shop(tmp_path)
    fresh.data = shop.data
    both = Shop(tmp_path / "both")
    both.data = shop.data

    fresh.load(without)
    both.load(text)
    both.unload("partner")

    assert both.held() == fresh.held()
