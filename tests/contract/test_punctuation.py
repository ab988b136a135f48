"""Chinese texts have Chinese punctuation: full-width marks beside Chinese characters."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("algorithms", "api", "graph", "loaders")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!(]|[,:;?!)][\u4e00-\u9fff]")
FORMULA = re.compile(r"\$[^$]*\$")


def chinese_in(source: str) -> Iterator[str]:
    """Yield the constant parts of the second text of every ``Text(english, chinese)``."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="Text"), args=[_, chinese]):
                parts = (part.value for part in ast.walk(chinese) if isinstance(part, ast.Constant))
                yield from (part for part in parts if isinstance(part, str))


def half_width(source: str) -> list[str]:
    """Return where Chinese texts of some source have marks of the other width."""
    texts = (FORMULA.sub("", text) for text in chinese_in(source))
    return [found.group() for text in texts for found in HALF_WIDTH.finditer(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_texts_have_full_width_marks(path: Path) -> None:
    assert half_width(path.read_text()) == []


@pytest.mark.parametrize(
    ("chinese", "marks"),
    [
        ("共 3 人，可选 2 人。", []),
        ("区间 1,200 至 1,300", []),
        ("没有客户,无法评分", ["户,"]),
        ("分类(四类)", ["类("]),
        ("速率 $f(t)$，其余不变", []),
    ],
)
def test_a_mark_of_the_other_width_is_found(chinese: str, marks: list[str]) -> None:
    source = f"TEXT = Text('in English, (with marks): all of them', {chinese!r})"

    assert half_width(source) == marks
