"""The demo company's words and articles, read from the two TOML files beside this module."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TypedDict, cast

Row = list[str | float]


class Department(TypedDict):
    """A branch of the category tree: groups of leaves, and what its articles may be like."""

    name: str
    appeal: tuple[float, float]
    groups: dict[str, list[tuple[str, int, int]]]
    attributes: dict[str, list[str]]


class Action(TypedDict):
    """A marketing action: when, where, how many per cent off, what it cost in yuan."""

    name: str
    channel: str
    start: date
    days: int
    discount: int
    cost: int


class Assortment(TypedDict):
    """The catalogue file."""

    styles: list[str]
    brands: list[str]
    origins: list[str]
    ratings: list[str]
    pairs: list[tuple[str, str]]
    department: list[Department]
    campaign: list[Action]


@cache
def assortment() -> Assortment:
    """Return what the company sells and how it advertises."""
    return cast("Assortment", tomllib.loads(_text("catalogue.toml")))


def words(section: str, name: str) -> list[str]:
    """Return a list of words, or the characters of a string of them, one by one."""
    return [str(word) for word in _sections()[section][name]]


def table(section: str, name: str) -> list[Row]:
    """Return rows of words and numbers."""
    return cast("list[Row]", _sections()[section][name])


def topics() -> list[tuple[str, list[str]]]:
    """Return the community's topics, each with sentences that have room for an article."""
    return cast("list[tuple[str, list[str]]]", _sections()["community"]["topics"])


def shares(section: str, name: str) -> tuple[list[str], list[float]]:
    """Return words and how common each is: the first and the last cell of each row."""
    rows = table(section, name)
    return [str(row[0]) for row in rows], [float(row[-1]) for row in rows]


@cache
def _sections() -> dict[str, dict[str, list[Row] | list[str] | str]]:
    return tomllib.loads(_text("words.toml"))


def _text(name: str) -> str:
    return files("loaders.demo").joinpath(name).read_text("utf-8")
