"""What a raw text becomes in a column of each kind; null where it does not fit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest

from graph.spec import ColumnSpec, fact_spec
from loaders.values import fitting, half_width, longest, out_of_range, prepared, present, trimmed

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"SET TimeZone = '{ZONE}'")
        yield opened


Typed = str | int | float | bool | date | datetime | None


class Reader:
    """Types one value as a column of a table would."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def typed(self, place: str, raw: object, *, sql_type: str = "VARCHAR") -> Typed:
        column = column_of(place)
        ready = prepared(column, "raw", sql_type=sql_type)
        rows = f"(SELECT {ready} AS p FROM (SELECT $raw::{sql_type} AS raw))"
        return self._only(f"SELECT {fitting(column, 'p')} FROM {rows}", {"raw": raw})

    def is_out_of_range(self, place: str, value: str) -> Typed:
        test = out_of_range(column_of(place), "v")
        now: dict[str, object] = {"now": NOW} if "$now" in test else {}
        return self._only(f"SELECT {test} FROM (SELECT {value} AS v)", now)

    def value(self, expression: str) -> Typed:
        return self._only(f"SELECT {expression}", {})

    def _only(self, query: str, parameters: dict[str, object]) -> Typed:
        ((value,),) = self._connection.execute(query, parameters).fetchall()
        result: Typed = value
        return result


@pytest.fixture
def reader(connection: duckdb.DuckDBPyConnection) -> Reader:
    return Reader(connection)


def column_of(place: str) -> ColumnSpec:
    table, _, name = place.partition(".")
    return fact_spec().tables[table].column(name)


# ---------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  A1 ", "A1"),
        ("\u3000A1\u00a0", "A1"),
        ("0012", "0012"),
        ("e\u0301", "\u00e9"),
        ("x" * 256, "x" * 256),
        ("x" * 257, None),
        ("x" * 10_000, None),
        ("a\x00b", None),
        ("a\nb", None),
        ("a\u0085b", None),
        ("", None),
        ("   ", None),
        ("</script>", "</script>"),
        ("ＡＢ１", "ＡＢ１"),
    ],
)
def test_a_key_is_trimmed_composed_short_and_without_control_characters(
    reader: Reader, raw: str, expected: str | None
) -> None:
    assert reader.typed("accounts.account_key", raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(12.0, "12"), (12.5, "12.5"), (float("nan"), None), (float("inf"), None), (None, None)],
)
def test_a_key_that_became_a_float_is_whole_again(
    reader: Reader, raw: float | None, expected: str | None
) -> None:
    assert reader.typed("accounts.account_key", raw, sql_type="DOUBLE") == expected


def test_a_whole_number_is_a_key(reader: Reader) -> None:
    assert reader.typed("accounts.account_key", 7, sql_type="BIGINT") == "7"


# --------------------------------------------------------------------------- texts


def test_a_text_loses_control_characters_but_tab_and_newline(reader: Reader) -> None:
    assert reader.typed("accounts.handle", "a\x00b\tc\nd\x07e\x7f") == "ab\tc\nde"


def test_a_text_keeps_markup_and_emoji(reader: Reader) -> None:
    assert reader.typed("accounts.handle", " </script>😀 ") == "</script>😀"


def test_a_text_that_is_indexed_has_a_longest_length(reader: Reader) -> None:
    fits, too_long = "中" * 2000, "中" * 2001

    assert reader.typed("products.name", fits) == fits
    assert reader.typed("products.name", too_long) is None
    assert reader.typed("posts.text", too_long) == too_long


def test_a_brand_is_as_short_as_a_key_because_it_is_one(reader: Reader) -> None:
    assert longest(column_of("products.brand")) == 256
    assert longest(column_of("accounts.city")) is None


# ------------------------------------------------------------------ numbers and money


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("12.5", 125_000),
        ("１２．５０", 125_000),
        ("-3", -30_000),
        ("0.0001", 1),
        ("0.00011", None),
        ("1e3", 10_000_000),
        ("899999999999.9999", 8_999_999_999_999_999),
        ("900000000000", None),
        ("-900000000000", None),
        ("1,000", None),
        ("¥5", None),
        ("abc", None),
        ("", None),
    ],
)
def test_money_is_whole_ten_thousandths(reader: Reader, raw: str, expected: int | None) -> None:
    assert reader.typed("order_lines.amount", raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [(0.1, 1000), (129.696, 1_296_960), (0.1 + 0.2, None)]
)
def test_a_float_of_money_counts_as_the_shortest_decimal_that_denotes_it(
    reader: Reader, raw: float, expected: int | None
) -> None:
    assert reader.typed("order_lines.amount", raw, sql_type="DOUBLE") == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("5", 5), ("5.0", 5), ("５", 5), ("5.5", None), ("-1", -1), ("9" * 25, None), ("five", None)],
)
def test_an_integer_is_whole(reader: Reader, raw: str, expected: int | None) -> None:
    assert reader.typed("posts.n_likes", raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [("1.5", 1.5), ("１", 1.0), ("nan", None), ("inf", None), ("x", None)]
)
def test_a_number_is_finite(reader: Reader, raw: str, expected: float | None) -> None:
    assert reader.typed("order_lines.quantity", raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("true", True), ("是", True), ("Ｙ", True), ("0", False), ("否", False), ("maybe", None)],
)
def test_a_boolean_is_yes_or_no(reader: Reader, raw: str, expected: bool | None) -> None:
    assert reader.typed("consents.granted", raw) is expected


def test_a_code_is_matched_without_regard_to_case_and_width(reader: Reader) -> None:
    assert reader.typed("accounts.gender", " ＦＥＭＡＬＥ ") == "female"
    assert reader.typed("accounts.gender", "女") is None


# --------------------------------------------------------------------- dates and times


@pytest.mark.parametrize(
    "raw",
    ["2026-01-02", "2026/1/2", "20260102", "2026年1月2日", "２０２６-01-02", "2026-01-02 10:00"],
)
def test_a_date_is_read_as_people_write_it(reader: Reader, raw: str) -> None:
    assert reader.typed("accounts.birth_date", raw) == date(2026, 1, 2)


@pytest.mark.parametrize("raw", ["31/02/2026", "2026-02-31", "infinity", "20260231", "soon"])
def test_what_is_no_day_is_no_date(reader: Reader, raw: str) -> None:
    assert reader.typed("accounts.birth_date", raw) is None


def test_a_date_written_as_a_number_is_a_date(reader: Reader) -> None:
    typed = reader.typed("accounts.birth_date", 20260102, sql_type="BIGINT")

    assert typed == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-01-02 10:00", datetime(2026, 1, 2, 2, tzinfo=UTC)),
        ("2026年01月02日 10:00", datetime(2026, 1, 2, 2, tzinfo=UTC)),
        ("2026-01-02T10:00:00Z", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("2026-01-02T10:00:00+01:00", datetime(2026, 1, 2, 9, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("2026-01-02 10:00:00.1239", datetime(2026, 1, 2, 2, 0, 0, 123_000, tzinfo=UTC)),
        ("31/02/2026", None),
        ("infinity", None),
        ("1767348000", None),
    ],
)
def test_a_time_without_a_zone_is_the_companys_and_cut_to_the_millisecond(
    reader: Reader, raw: str, expected: datetime | None
) -> None:
    assert reader.typed("orders.ordered_at", raw) == expected


def test_seconds_since_1970_are_no_time_until_the_manifest_says_so(reader: Reader) -> None:
    assert reader.typed("orders.ordered_at", 1767348000, sql_type="BIGINT") is None


def test_a_timestamp_of_parquet_is_a_time(reader: Reader) -> None:
    typed = reader.typed("orders.ordered_at", datetime(2026, 1, 2, 10), sql_type="TIMESTAMP")  # noqa: DTZ001 -- naive on purpose

    assert typed == datetime(2026, 1, 2, 2, tzinfo=UTC)


# ------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"b": 1, "a": "x"}', '{"a":"x","b":1}'),
        ('{"a": null}', None),
        ("{}", None),
        ('{"a.b": 1, "q\\"": [1, 2]}', '{"a.b":1,"q\\"":[1,2]}'),
        ('{"颜色": "红"}', '{"颜色":"红"}'),
        ('{"a": 1, "a": 2}', None),
        ("[1]", None),
        ("3", None),
        ("{", None),
    ],
)
def test_an_object_has_its_keys_sorted_and_nothing_that_is_null(
    reader: Reader, raw: str, expected: str | None
) -> None:
    assert reader.typed("accounts.attributes", raw) == expected


# ---------------------------------------------------------------------------- ranges


@pytest.mark.parametrize(
    ("place", "value", "is_out"),
    [
        ("products.price", "-1", True),
        ("products.price", "0", False),
        ("order_lines.amount", "-5", None),
        ("tickets.satisfaction", "100.5", True),
        ("tickets.satisfaction", "100", False),
        ("accounts.birth_year", "2027", True),
        ("accounts.birth_year", "1890", False),
        ("accounts.birth_date", "DATE '1890-01-01'", False),
        ("accounts.birth_date", "DATE '0026-01-05'", True),
        ("accounts.birth_date", "DATE '2026-06-02'", True),
        ("stores.opened_on", "DATE '2030-01-01'", False),
        ("stores.opened_on", "DATE '1899-12-31'", True),
        ("stores.closed_on", "DATE '10000-01-01'", True),
        ("orders.ordered_at", "TIMESTAMPTZ '2026-06-01 12:00:01+00'", True),
        ("orders.ordered_at", "TIMESTAMPTZ '2026-06-01 12:00:00+00'", False),
        ("orders.ordered_at", "TIMESTAMPTZ '1899-12-31 23:59:59+00'", True),
        ("balances.expires_at", "TIMESTAMPTZ '2030-01-01 00:00:00+00'", False),
    ],
)
def test_the_ranges_of_facts(reader: Reader, place: str, value: str, is_out: bool | None) -> None:
    column = column_of(place)

    if is_out is None:
        assert out_of_range(column, "v") == ""
    else:
        assert reader.is_out_of_range(place, value) is is_out


# ------------------------------------------------------------------------------ plain


def test_half_width_makes_every_full_width_sign_plain(reader: Reader) -> None:
    wide = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F))
    plain = "".join(chr(code) for code in range(0x21, 0x7F))
    literal = wide.replace("'", "''")

    assert reader.value(half_width(f"'{literal}'")) == plain


def test_half_width_leaves_other_characters_alone(reader: Reader) -> None:
    assert reader.value(half_width("'１张ab三'")) == "1张ab三"


def test_a_blank_text_states_nothing(reader: Reader) -> None:
    assert reader.value(present("'　 '", sql_type="VARCHAR")) is False
    assert reader.value(present("'x'", sql_type="VARCHAR")) is True
    assert reader.value(present("NULL::BIGINT", sql_type="BIGINT")) is False
    assert reader.value(trimmed("'\t x \n'")) == "x"
