"""The dialect accepts what agrees between engines and refuses what does not, by its reason."""

import pytest

from algorithms.dialect import violations

ACCEPTED = [
    "SELECT a, SUM(b) AS b FROM t GROUP BY a ORDER BY a",
    "WITH x AS (SELECT a FROM t) SELECT COUNT(*) FROM x WHERE a IN (1, 2)",
    "SELECT CAST(SUM(b) AS BIGINT) FROM t",
    "SELECT CAST(FLOOR(b * 1000 + 0.5) AS BIGINT) FROM t",
    "SELECT CAST(a AS DOUBLE) / NULLIF(b, 0) FROM t",
    "SELECT a // 5, a // NULLIF(b, 0) FROM t",
    "SELECT DATE_DIFF('day', CAST(a AS DATE), CAST(b AS DATE)) FROM t",
    "SELECT AVG(CAST(a AS DOUBLE)) FROM t",
    "SELECT CASE WHEN a > 0 THEN LN(a) END FROM t",
    "SELECT LIST_SORT(LIST(STRUCT_PACK(t, id, x := COALESCE(x, '')))) FROM t",
    "SELECT ARG_MAX(x, STRUCT_PACK(t, id)) FROM t",
    "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY t, id) FROM t",
    "SELECT REGEXP_REPLACE(x, '^0+', '', 'g') FROM t",
    "SELECT 'a; b :: [c] / d' AS x -- a remark; FIRST(y)\nFROM t",
    "SELECT a FROM t JOIN u USING (a) WHERE EXISTS (SELECT 1 FROM v) AND (a OR b)",
]

REFUSED = {
    "SELECT FIRST(a) FROM t": "FIRST is not on the list",
    "SELECT MODE(a) FROM t": "MODE is not on the list",
    "SELECT LOWER(a) FROM t": "LOWER is not on the list",
    "SELECT HASH(a) FROM t": "HASH is not on the list",
    "SELECT APPROX_QUANTILE(a, 0.5) FROM t": "APPROX_QUANTILE is not on the list",
    "SELECT CONCAT(a, b) FROM t": "CONCAT is not on the list",
    "SELECT EXTRACT(dow FROM a) FROM t": "EXTRACT is not in the dialect",
    "SELECT a FROM read_parquet('x')": "READ_PARQUET is not on the list",
    "SELECT a FROM 'x.parquet'": "reads tables, not files",
    "SELECT a::INT FROM t": "CAST(x AS type)",
    "SELECT a FROM t; DROP TABLE t": "one statement",
    "INSERT INTO t SELECT 1": "must be a SELECT",
    "SELECT a[1:3] FROM t": "neither indexed",
    "SELECT a / b FROM t": "divisor stands under NULLIF",
    "SELECT a // b FROM t": "whole divisor",
    "SELECT a // 0 FROM t": "whole divisor",
    "SELECT CAST(2.5 AS INT) FROM t": "cast to a whole number",
    "SELECT CAST(a AS BIGINT) FROM t": "cast to a whole number",
    "SELECT AVG(a) FROM t": "AVG(CAST(x AS DOUBLE))",
    "SELECT LN(a) FROM t": "behind CASE",
    "SELECT DISTINCT ON (a) a, b FROM t": "DISTINCT ON",
    "SELECT LIST(x ORDER BY t) FROM t": "LIST_SORT(LIST(STRUCT_PACK",
    "SELECT LIST(STRUCT_PACK(t)) FROM t": "LIST_SORT(LIST(STRUCT_PACK",
    "SELECT ARG_MAX(x, t) FROM t": "breaks ties",
    "SELECT DATE_DIFF('day', a, b) FROM t": "difference of days",
    "SELECT DATE_DIFF('hour', CAST(a AS DATE), CAST(b AS DATE)) FROM t": "difference of days",
    "SELECT REGEXP_REPLACE(x, 'a', 'b') FROM t": "fourth argument",
    "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a) = 1": "QUALIFY is not in the dialect",
    "SELECT * EXCLUDE (a) FROM t": "EXCLUDE",
}


@pytest.mark.parametrize("sql", ACCEPTED)
def test_what_agrees_is_accepted(sql: str) -> None:
    assert violations(sql) == []


@pytest.mark.parametrize("sql", REFUSED)
def test_what_differs_is_refused_by_its_reason(sql: str) -> None:
    assert any(REFUSED[sql] in reason for reason in violations(sql))
