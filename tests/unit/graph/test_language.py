"""A text has two languages; whoever chose last and closest decides which is shown."""

from collections.abc import Iterator

import pytest

from graph.language import Text, configure, current_language, language_of, speaking

TEA = Text("tea", "茶")


@pytest.fixture(autouse=True)
def _nobody_chose(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("KITH_LANG", raising=False)
    configure("en")
    yield
    configure("en")


def test_without_any_choice_a_text_is_english() -> None:
    assert str(TEA) == "tea"


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    assert str(TEA) == "茶"


def test_what_is_configured_holds_where_nobody_chose() -> None:
    configure("zh")

    assert str(TEA) == "茶"


def test_the_environment_wins_over_what_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    configure("zh")
    monkeypatch.setenv("KITH_LANG", "en")

    assert str(TEA) == "tea"


def test_an_empty_variable_chooses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    configure("zh")
    monkeypatch.setenv("KITH_LANG", "")

    assert current_language() == "zh"


def test_a_block_speaks_one_language_and_the_next_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    with speaking("en"):
        inner = str(TEA)
        with speaking("zh"):
            innermost = str(TEA)

    assert [inner, innermost, str(TEA)] == ["tea", "茶", "茶"]


def test_a_block_that_fails_gives_the_language_back() -> None:
    with pytest.raises(ValueError, match="broken"), speaking("zh"):
        raise ValueError("broken")  # noqa: EM101

    assert current_language() == "en"


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9", "zh"),
        (" ZH_tw", "zh"),
        ("en-US,zh;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_tag_asks_for_its_first_language(wish: str, language: str) -> None:
    assert language_of(wish) == language


def test_a_text_inside_a_sentence_follows_the_language() -> None:
    with speaking("zh"):
        assert f"<{TEA}>" == "<茶>"
