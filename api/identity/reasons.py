"""A steward's reason: free text that stays for ever, and so must not hold a personal value.

What looks like a phone number, an e-mail address or a national id is refused. Days and the
numbers of events and decisions belong into a reason and pass.
"""

import re
import unicodedata
from typing import Final

from graph.errors import ConfigurationError
from graph.language import Text

LONGEST: Final = 500  # characters
EMAIL: Final = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\s@<>(),;:]+")
DAY: Final = re.compile(r"(?<!\d)(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)(?:[ T]\d{1,2}:\d\d)?")
EVENT: Final = re.compile(r"(?<![\dA-Za-z])000\d{9}(?!\d)")
# dashes, dots, brackets and spaces inside a number do not make it less of one
SEPARATORS: Final = r"[\s\-‐-―−().·/]"
NUMBER: Final = re.compile(rf"\d(?:{SEPARATORS}{{0,2}}\d){{6,}}")


class PersonalReasonError(ConfigurationError):
    """A reason holds what looks like a personal value."""

    text = Text(
        "The reason holds what looks like {what}: <hidden>. It stays in the record for ever; name "
        "accounts and events instead.",
        "理由中含有疑似{what}的内容：<hidden>。理由会永久保存，请改用账户或事件编号说明。",
    )


class ReasonLengthError(ConfigurationError):
    """A reason is missing or too long."""

    text = Text(
        "A reason has 1 to {longest} characters, this one has {n}.",
        "理由须为 1 至 {longest} 个字符，当前为 {n} 个。",
    )


def checked(reason: str, *, is_required: bool = True) -> str:
    """Return a reason in one line, ready to be recorded.

    Parameters
    ----------
    reason
        As the steward wrote it.
    is_required
        Whether a reason must be given.

    Raises
    ------
    ReasonLengthError
        If it is empty although required, or longer than 500 characters.
    PersonalReasonError
        If it holds something like an e-mail address or a number of seven digits or more.
    """
    text = " ".join(_plain(reason).split())
    if len(text) > LONGEST or (is_required and not text):
        raise ReasonLengthError(longest=LONGEST, n=len(text))
    folded = unicodedata.normalize("NFKC", text)
    if EMAIL.search(folded):
        raise PersonalReasonError(what=Text("an e-mail address", "邮箱"))
    if NUMBER.search(EVENT.sub(" ; ", DAY.sub(" ; ", folded))):
        raise PersonalReasonError(what=Text("a phone number or a national id", "电话或证件号"))
    return text


def _plain(reason: str) -> str:
    """Make a space of whatever is no character: it could hide a number, or break a line."""
    return "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in reason)
