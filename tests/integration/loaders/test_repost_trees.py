"""The repost trees of a large microblog set, loaded to the last repost, as its description counts.

The shipped manifest keeps one of two reposts with one number and rejects those without a year,
as one would with such data; here every row of the file is loaded, so that its counts come out.
"""

from pathlib import Path

import duckdb
import pytest

from loaders.load import Options, stage_manifest
from loaders.manifest import read_manifest
from tests.loading import Shop, company, part, source

DATA = Path(__file__).parents[4] / "shared" / "data" / "weibo_ced_rumor"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the set is not beside the repository"),
]

# of two rows with one number the last keeps it, as in a table that is written over; without a year
# counts the day of the root
REPOSTS = """(
SELECT r.* EXCLUDE (date), e.root_mid, coalesce(try_cast(r.date AS TIMESTAMP), e.date) AS date,
    row_number() OVER (PARTITION BY event_id, mid ORDER BY r._line DESC) AS copy
FROM reposts r
JOIN (SELECT event_id, root_mid, date::TIMESTAMP AS date FROM events) e USING (event_id))"""
MANIFEST = company(
    source(
        "weibo",
        files={"events": "events.csv.gz", "reposts": "reposts.csv.gz"},
        tables=[
            part(
                "accounts",
                "(SELECT root_uid, max(user_location) AS place, min(_file) AS _file, "
                "min(_line) AS _line FROM events GROUP BY root_uid)",
                account_key="root_uid",
                kind="'community'",
                region="place",
            ),
            part("accounts", "reposts", distinct_="true", account_key="uid", kind="'community'"),
            part(
                "posts",
                "events",
                post_key="event_id || '/' || root_mid",
                account_key="root_uid",
                posted_at="date",
                kind="'post'",
                text="text",
            ),
            part(
                "posts",
                REPOSTS,
                post_key="event_id || '/' || mid || if(copy > 1, '#' || copy, '')",
                account_key="uid",
                posted_at="date",
                reply_to_post_key="event_id || '/' || coalesce(parent_mid, root_mid)",
                kind="'repost'",
                text="text",
            ),
        ],
        party="third",
        legal_basis="public",
        text="none",
    )
)


class Trees:
    """The staged set, and what can be asked of it."""

    def __init__(self, folder: Path) -> None:
        shop = Shop(folder)
        path = folder / "weibo.toml"
        path.write_text(MANIFEST, encoding="utf-8")
        prepared = stage_manifest(shop.settings, read_manifest(path), data=DATA, options=Options())
        self.rejected = sum(sum(report.rejected.values()) for report in prepared.report.tables)
        self._connection = duckdb.connect()
        for (_, table), rows in prepared.files.items():
            assert rows is not None  # of a first load none goes
            self._connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{rows.path}')")

    def row(self, query: str) -> tuple[object, ...]:
        (found,) = self._connection.execute(query).fetchall()
        return tuple(found)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    return Trees(tmp_path_factory.mktemp("weibo"))


def test_every_repost_is_loaded_and_no_text_kept(trees: Trees) -> None:
    posts = trees.row("SELECT count(*) FILTER (kind = 'post'), count(*), count(text) FROM posts")

    assert posts == (1_538, 1_538 + 483_617, 0)
    assert trees.rejected == 0


def test_reposters_are_as_many_as_the_description_counts(trees: Trees) -> None:
    found = trees.row("SELECT count(DISTINCT account_id) FROM posts WHERE kind = 'repost'")

    assert found == (407_503,)


def test_reposts_of_reposts_are_as_many_as_the_description_counts(trees: Trees) -> None:
    found = trees.row(
        "SELECT count(*) FROM posts r JOIN posts p ON r.reply_to_post_id = p.post_id "
        "WHERE p.kind = 'repost'"
    )

    assert found == (224_117,)


def test_trees_are_as_deep_as_the_description_says(trees: Trees) -> None:
    n, deepest, mean = trees.row(
        "WITH RECURSIVE below AS ("
        "SELECT post_id, 0 AS depth FROM posts WHERE reply_to_post_id IS NULL UNION ALL "
        "SELECT p.post_id, b.depth + 1 FROM posts p JOIN below b ON p.reply_to_post_id = b.post_id)"
        " SELECT count(*), max(depth), round(avg(depth), 3) FROM below WHERE depth > 0"
    )

    assert (n, deepest, mean) == (483_617, 27, 2.056)


def test_names_of_places_are_those_of_the_file(trees: Trees) -> None:
    with duckdb.connect() as connection:
        file = DATA / "events.csv.gz"
        (expected,) = connection.execute(
            "SELECT list(DISTINCT place ORDER BY place) FROM (SELECT max(user_location) AS place "
            f"FROM read_csv('{file}', all_varchar = true) GROUP BY root_uid)"
        ).fetchall()

    (places,) = trees.row("SELECT list(DISTINCT region ORDER BY region) FROM accounts")

    assert isinstance(places, list)
    assert places == expected[0]
    assert "江西 上饶" in places
