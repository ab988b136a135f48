"""Reading the head of a query file, and the values of its parameters."""

from pathlib import Path

import pytest

from graph.queries import (
    QUERIES,
    QueryHeaderError,
    QueryValueError,
    UnknownQueryError,
    Value,
    named_queries,
    named_query,
    read_query,
)

HEAD = """\
// title: Best customers
// 标题: 最好的客户
// question: Who spends: the most?
// 问题: 谁消费最多？
"""
PARAMETERS = """\
// param top: integer 20 — how many / 数量
// param share: number 0.5 — a share / 比例
// param city: text "上海" — city; empty: all / 城市；留空为全部
// param is_open: boolean true — open ones / 仅营业中
// param kinds: texts ["a", "b"] — kinds / 类型
"""
BODY = "MATCH (c:Customer)\n// not a head\nRETURN c\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "best.cypher"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_head_gives_title_question_and_parameters(tmp_path: Path) -> None:
    query = read_query(written(tmp_path, HEAD + PARAMETERS + BODY))

    assert query.name == "best"
    assert query.title == ("Best customers", "最好的客户")
    assert query.question == ("Who spends: the most?", "谁消费最多？")
    assert [(p.name, p.kind, p.default) for p in query.parameters] == [
        ("top", "integer", 20),
        ("share", "number", 0.5),
        ("city", "text", "上海"),
        ("is_open", "boolean", True),
        ("kinds", "texts", ["a", "b"]),
    ]
    assert query.parameters[2].about == ("city; empty: all", "城市；留空为全部")


def test_the_cypher_starts_behind_the_head(tmp_path: Path) -> None:
    query = read_query(written(tmp_path, HEAD + BODY))

    assert query.cypher == BODY.strip()
    assert query.values() == {}


@pytest.mark.parametrize("word", ["title", "标题", "question", "问题"])
def test_a_head_without_a_word_names_it(tmp_path: Path, word: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(f"// {word}:")]

    with pytest.raises(QueryHeaderError, match=word):
        read_query(written(tmp_path, "\n".join([*lines, BODY])))


@pytest.mark.parametrize(
    "line",
    [
        "// param top integer 20 — how many / 数量",
        "// param top: integer 20 — how many",
        "// param top: integer many — how many / 数量",
        "// param top: integer 2.5 — how many / 数量",
        "// param top: whole 20 — how many / 数量",
        "// param kinds: texts [1] — kinds / 类型",
    ],
)
def test_a_parameter_of_another_form_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(QueryHeaderError, match="param"):
        read_query(written(tmp_path, f"{HEAD}{line}\n{BODY}"))


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("top", 5, 5),
        ("top", "5", 5),
        ("share", 1, 1.0),
        ("share", "0.25", 0.25),
        ("city", "5", "5"),
        ("is_open", "false", False),
        ("kinds", "a, b", ["a", "b"]),
        ("kinds", '["x, y"]', ["x, y"]),
        ("kinds", ["x"], ["x"]),
    ],
)
def test_a_value_is_read_as_its_parameter_s_type(
    tmp_path: Path, *, name: str, given: object, expected: Value
) -> None:
    query = read_query(written(tmp_path, HEAD + PARAMETERS + BODY))

    values = query.values({name: given})

    assert values[name] == expected
    assert type(values[name]) is type(expected)
    assert len(values) == 5


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("top", "many"),
        ("top", 2.5),
        ("top", True),
        ("share", "half"),
        ("city", 5),
        ("is_open", 1),
        ("kinds", [1]),
        ("nobody", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, *, name: str, given: object
) -> None:
    query = read_query(written(tmp_path, HEAD + PARAMETERS + BODY))

    with pytest.raises(QueryValueError, match=name):
        query.values({name: given})


def test_an_unknown_query_names_those_that_exist() -> None:
    with pytest.raises(UnknownQueryError, match="best_customers"):
        named_query("worst_customers")


def test_the_repository_s_queries_are_read_by_name() -> None:
    queries = named_queries()

    assert len(queries) == len(list(QUERIES.glob("*.cypher"))) >= 14
    assert list(queries) == sorted(queries)


@pytest.mark.parametrize("name", named_queries())
def test_a_query_of_the_repository_uses_each_of_its_parameters(name: str) -> None:
    query = named_query(name)

    for parameter in query.parameters:
        assert f"${parameter.name}" in query.cypher
    assert query.cypher.count("$") >= len(query.parameters)
    assert query.title.en != query.title.zh
    assert query.question.en.endswith("?")
    assert query.question.zh.endswith("？")
