"""Every error of the database speaks both languages of the same facts."""

import inspect
from string import Formatter

import pytest

from graph import endpoint, lock
from graph.errors import KithError
from graph.server import errors

ALL = sorted(
    {
        found
        for module in (endpoint, lock, errors)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, KithError) and found.__module__ == module.__name__
    },
    key=lambda found: found.__name__,
)


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("error", ALL)
def test_both_languages_name_the_same_facts(error: type[KithError]) -> None:
    english, chinese = names_in(error.text.en), names_in(error.text.zh)

    assert english == chinese
    assert english, "an error names at least one fact"


@pytest.mark.parametrize("error", ALL)
def test_the_chinese_sentence_is_chinese(error: type[KithError]) -> None:
    letters = [letter for letter in error.text.zh if "\u4e00" <= letter <= "\u9fff"]

    assert len(letters) >= 5


def test_there_are_errors_to_look_at() -> None:
    assert len(ALL) >= 25
