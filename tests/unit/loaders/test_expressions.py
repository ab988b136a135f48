"""What a manifest's expressions may do, and what happens to those that cannot be done."""

import pytest

from loaders.errors import ExpressionError, QueryFailedError
from tests.loading import Shop, company, part, source

PEOPLE = "id,tel,born\nA1,13812345678,1980\nA2,13900001111,x\n"


def manifest(*tables: str, **files: str) -> str:
    return company(source(files=files or {"people": "people.csv"}, tables=list(tables)))


@pytest.fixture(autouse=True)
def _people(shop: Shop) -> None:
    shop.write("people.csv", PEOPLE)


# -------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "expression",
    [
        "(SELECT content FROM read_text('/etc/passwd'))",
        "(SELECT first(column0) FROM read_csv('/etc/passwd'))",
        "(SELECT file FROM glob('/etc/*') LIMIT 1)",
        "(SELECT content FROM read_blob('/proc/self/environ'))",
        "(SELECT name FROM sniff_csv('/etc/passwd'))",
    ],
)
@pytest.mark.parametrize("place", ["from", "column", "where"])
def test_no_expression_reads_another_file(shop: Shop, expression: str, place: str) -> None:
    told = {"column": "column 'city'", "from": "from", "where": "where"}[place]
    if place == "from":
        table = part("accounts", expression, account_key="'x'")
    elif place == "where":
        table = part("accounts", "people", account_key="id", where_=f"id = {expression}")
    else:
        table = part("accounts", "people", account_key="id", city=expression)

    with pytest.raises(ExpressionError) as caught:
        shop.stage(manifest(table))

    assert f"{told}: DuckDB refuses" in str(caught.value)
    assert "root:" not in str(caught.value)
    assert not list(shop.settings.home.glob("staging/**/*.parquet"))


@pytest.mark.parametrize(
    "statement",
    [
        "people; COPY (SELECT 1) TO '{tmp}/x.csv'",
        "people; ATTACH '{tmp}/x.db'",
        "people; SET enable_external_access = true",
        "people; DROP VIEW people",
    ],
)
def test_an_expression_is_one_expression(shop: Shop, statement: str) -> None:
    text = statement.format(tmp=shop.settings.tmp)

    with pytest.raises(ExpressionError, match="it is not one expression"):
        shop.stage(manifest(part("accounts", text, account_key="id")))

    assert not list(shop.settings.tmp.iterdir())


def test_a_file_of_another_source_is_out_of_reach(shop: Shop) -> None:
    shop.write("secret.csv", "id\nS1\n")
    text = company(
        source(
            files={"people": "people.csv"}, tables=[part("accounts", "hidden", account_key="id")]
        ),
        source(
            "other",
            files={"hidden": "secret.csv"},
            tables=[part("accounts", "hidden", account_key="id")],
        ),
    )

    with pytest.raises(ExpressionError, match=r"Source 'shop'.*hidden does not exist"):
        shop.stage(text)


def test_a_missing_column_is_named_with_the_columns_at_hand(shop: Shop) -> None:
    with pytest.raises(ExpressionError) as caught:
        shop.stage(manifest(part("accounts", "people", account_key="id", city="town")))

    told = str(caught.value)
    assert "Source 'shop', table 'accounts', column 'city': DuckDB refuses 'town'" in told
    assert "Columns at hand: people: id, tel, born." in told


def test_a_slip_in_where_is_told_as_one(shop: Shop) -> None:
    with pytest.raises(ExpressionError, match="table 'accounts', where: DuckDB refuses 'idd = 1'"):
        shop.stage(manifest(part("accounts", "people", account_key="id", where_="idd = 1")))


def test_what_cannot_be_tried_is_told_for_its_own_column(shop: Shop) -> None:
    table = part("accounts", "people", account_key="id", city="(SELECT 1)", region="tel")

    with pytest.raises(ExpressionError, match=r"column 'city'.*scalar subquery"):
        shop.stage(manifest(table))


def test_the_remedy_is_told_in_chinese(shop: Shop) -> None:
    with pytest.raises(ExpressionError) as caught:
        shop.stage(manifest(part("accounts", "people", account_key="id", city="town")))

    told = caught.value.message("zh")
    assert told.startswith("来源 'shop'，表 'accounts'，列 'city'：DuckDB 拒绝 'town'")
    assert "column" not in told.partition("：DuckDB")[0]


# ------------------------------------------------------------------ what fails on a row


def test_an_expression_that_fails_rejects_its_row_alone(shop: Shop) -> None:
    table = part("accounts", "people", account_key="id", birth_year="born::INTEGER")

    staged = shop.stage(manifest(table))

    assert [row["account_id"] for row in staged.rows("accounts")] == ["shop:A1"]
    assert staged.rejects("accounts") == [("people.csv", "3", "birth_year", "expression-fails", "")]


def test_a_null_that_an_expression_states_is_no_failure(shop: Shop) -> None:
    table = part("accounts", "people", account_key="id", birth_year="TRY_CAST(born AS INTEGER)")

    staged = shop.stage(manifest(table))

    assert [row["birth_year"] for row in staged.rows("accounts")] == [1980, None]
    assert staged.rejects("accounts") == []


def test_where_that_fails_stops_the_load_without_quoting_a_value(shop: Shop) -> None:
    table = part("accounts", "people", account_key="id", where_="born::INTEGER > 0")

    with pytest.raises(QueryFailedError) as caught:
        shop.stage(manifest(table))

    assert str(caught.value).startswith(
        "Source 'shop', table 'accounts': from or where fails on a value (Conversion Error)."
    )


def test_where_that_fails_on_a_phone_does_not_show_it(shop: Shop) -> None:
    table = part("accounts", "people", account_key="id", where_="tel::TINYINT > 0")

    with pytest.raises(QueryFailedError) as caught:
        shop.stage(manifest(table))

    assert "138" not in str(caught.value)
    assert caught.value.__suppress_context__


# -------------------------------------------------------------------- where a row stood


def test_a_join_takes_file_and_line_from_the_side_that_carries_them(shop: Shop) -> None:
    shop.write("towns.csv", "id,town\nA1,上海\nA2,北京\n")
    joined = "(SELECT p.*, t.town FROM people p JOIN (SELECT id, town FROM towns) t USING (id))"
    table = part("accounts", joined, account_key="id", birth_year="born", city="town")

    staged = shop.stage(manifest(table, people="people.csv", towns="towns.csv"))

    assert [reject[:3] for reject in staged.rejects("accounts")] == [
        ("people.csv", "3", "birth_year")
    ]


def test_an_aggregate_is_numbered_by_its_own_rows_and_named_after_its_files(shop: Shop) -> None:
    grouped = "(SELECT max(id) AS id, born FROM people GROUP BY born HAVING born = 'x')"
    table = part("accounts", grouped, account_key="id", birth_year="born")

    staged = shop.stage(manifest(table))

    assert [reject[:3] for reject in staged.rejects("accounts")] == [("people", "1", "birth_year")]


def test_broken_records_of_a_file_that_the_table_does_not_name_are_not_its_own(
    shop: Shop,
) -> None:
    shop.write("order_people.csv", "id\nB1\nB2,more\n")
    tables = [
        part("accounts", "order_people", account_key="id"),
        part("products", "people", product_key="id"),
    ]

    staged = shop.stage(manifest(*tables, people="people.csv", order_people="order_people.csv"))

    assert len(staged.rejects("accounts")) == 1
    assert staged.rejects("products") == []


def test_names_of_files_are_told_apart_without_regard_to_case(shop: Shop) -> None:
    staged = shop.stage(manifest(part("accounts", "PEOPLE", account_key="ID")))

    assert len(staged.rows("accounts")) == 2


def test_a_subquery_in_where_reaches_the_other_files_of_the_source(shop: Shop) -> None:
    shop.write("gone.csv", "id\nA1\n")
    table = part("accounts", "people", account_key="id", where_="id NOT IN (SELECT id FROM gone)")

    staged = shop.stage(manifest(table, people="people.csv", gone="gone.csv"))

    assert [row["account_id"] for row in staged.rows("accounts")] == ["shop:A2"]


def test_distinct_keeps_one_row_of_what_is_mapped(shop: Shop) -> None:
    shop.write("people.csv", "id,visit\nA1,1\nA1,2\nA2,3\n")

    staged = shop.stage(manifest(part("accounts", "people", account_key="id", distinct_="true")))

    report = staged.report("accounts")
    assert (report.read, report.duplicates) == (2, 0)


def test_columns_that_no_expression_mentions_are_reported_once(shop: Shop) -> None:
    shop.write("people.csv", "id,tel,born,fax\nA1,1,1980,2\n")
    tables = [
        part("accounts", "people", account_key="id", birth_year="born"),
        part("accounts", "people", account_key="id", where_="tel <> ''"),
    ]

    staged = shop.stage(manifest(*tables))

    assert staged.prepared.report.unread == {"shop.people": ["fax"]}
