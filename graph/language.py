"""Texts that exist in English and Chinese, and which of the two to show.

Every declaration and every error carries both. The language is chosen by the caller
(``KITH_LANG``, or ``Accept-Language`` over HTTP); codes and names never depend on it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)
_configured: ContextVar[Language] = ContextVar("configured", default="en")


class Text(NamedTuple):
    """One sentence or name in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Return the text in the current language."""
        return self.zh if current_language() == "zh" else self.en


def current_language() -> Language:
    """Return the language chosen for this context, else ``KITH_LANG``, else the configured one."""
    if chosen := _chosen.get():
        return chosen
    wish = os.environ.get("KITH_LANG")
    return language_of(wish) if wish else _configured.get()


def configure(language: Language) -> None:
    """Say what ``kith.toml`` asks for; it holds where nobody chose and ``KITH_LANG`` is unset."""
    _configured.set(language)


def language_of(wish: str) -> Language:
    """Return the language that a tag such as ``zh-CN,zh;q=0.9`` asks for first."""
    return "zh" if wish.strip().lower().startswith("zh") else "en"


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Use ``language`` for everything said inside the block."""
    token = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(token)
