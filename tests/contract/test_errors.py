"""Every error speaks both languages, says the same in each, and has a place in the documents."""

import string
from pathlib import Path

import pytest

from api.documents import all_errors
from graph.errors import KithError
from graph.language import speaking

ROOT = Path(__file__).parents[2]
ERRORS = all_errors()
HTTP = {308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503, 504, 507}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_there_are_errors_to_check() -> None:
    assert len(ERRORS) > 40


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.__name__)
def test_an_error_has_a_sentence_in_both_languages(error: type[KithError]) -> None:
    assert error.text.en.strip()
    # full-width punctuation stands at 0xFF00: a sentence may be nothing else beside its facts
    assert any(ord(letter) >= 0x2E80 for letter in error.text.zh)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.__name__)
def test_both_sentences_give_the_same_facts(error: type[KithError]) -> None:
    def roots(template: str) -> set[str]:
        names = {name.split(".")[0].split("[")[0] for name in placeholders(template)}
        # a fact that is itself a text comes once in each language
        return {name.removesuffix("_en").removesuffix("_zh") for name in names}

    assert roots(error.text.en) == roots(error.text.zh)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.__name__)
def test_an_error_has_a_known_treatment(error: type[KithError]) -> None:
    assert error.http_status in HTTP
    assert error.exit_code in {1, 2, 3, 4, 5}


def test_codes_are_unique() -> None:
    codes = [error.code() for error in ERRORS]

    assert len(set(codes)) == len(codes)


def test_a_sentence_follows_the_language() -> None:
    error = next(e for e in ERRORS if e.__name__ == "NotRunningError")(path="P")

    with speaking("zh"):
        chinese = str(error)
    with speaking("en"):
        english = str(error)

    assert chinese != english
    assert "P" in chinese
