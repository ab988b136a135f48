"""One spelling for what people are called and where they live, so that records can meet.

A name comes in two scripts and two orders, with titles and accents or without; a birth date
with or without separators. Everything here works on the *distinct* values of a column at
once: a register of a million rows holds few thousand characters and some hundred thousand
names.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

HAN: Final = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
SOUNDS: Final = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")
HAN_NAME: Final = re.compile(f"{HAN}{{2,4}}")
DATE: Final = re.compile(r"^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D.*)?$")
YEAR: Final = re.compile(r"^(\d{4})(?:\D.*)?$")
WORDS: Final = Path(__file__).with_name("spelling.toml")

Name = tuple[str | None, str | None]


class _Words(BaseModel):
    """What ``spelling.toml`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    titles: str
    polite: str
    women: str
    men: str
    compound_surnames: str
    surname_readings: dict[str, str]
    umlauts: dict[str, str]


VOCABULARY: Final = _Words.model_validate(tomllib.loads(WORDS.read_text(encoding="utf-8")))
TITLES: Final = frozenset(VOCABULARY.titles.split())
POLITE: Final = re.compile(f"(?<={HAN})(?:{'|'.join(VOCABULARY.polite.split())})$")
COMPOUND_SURNAMES: Final = frozenset(VOCABULARY.compound_surnames.split())
WOMEN: Final = frozenset(VOCABULARY.women.split())
MEN: Final = frozenset(VOCABULARY.men.split())


def each(column: pa.ChunkedArray, convert: Callable[[list[str]], Sequence[str | None]]) -> pa.Array:
    """Convert a column of texts, every distinct value once; null stays null.

    Parameters
    ----------
    column
        Texts, any length.
    convert
        Takes the distinct values, in rising order, and gives one text or None for each.
    """
    text = column.cast(pa.string())
    coded = (
        text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    ).dictionary_encode()
    values = coded.dictionary
    found = pa.array(convert(values.to_pylist()), pa.string())
    return found.take(coded.indices)


def folded(values: Sequence[str]) -> list[str | None]:
    """Fold width, case, accents, punctuation and traditional characters; blanks are None."""
    return [_plain(text) or None for text in simplified(values)]


def simplified(values: Sequence[str]) -> list[str]:
    """Return each text in NFKC with traditional characters made simplified."""
    from opencc import OpenCC

    texts = [unicodedata.normalize("NFKC", text).replace("\n", " ") for text in values]
    han = [at for at, text in enumerate(texts) if re.search(HAN, text)]
    if han:
        turned = OpenCC("t2s").convert("\n".join(texts[at] for at in han)).split("\n")
        for at, text in zip(han, turned, strict=True):
            texts[at] = text
    return texts


def _plain(text: str) -> str:
    if not text.isascii():
        parted = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in parted if not unicodedata.combining(sign))
    text = text.casefold().replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def name_words(values: Sequence[str]) -> list[str | None]:
    """Return names folded, without titles and generations."""
    return [_untitled(text) if text else None for text in folded(values)]


def _untitled(text: str) -> str | None:
    kept = [word for word in POLITE.sub("", text).split() if word not in TITLES]
    return " ".join(kept) or None


def romanised(values: Sequence[str], *, surname: bool = False) -> list[str | None]:
    """Return the key of each folded name: pinyin or letters, without blanks.

    Parameters
    ----------
    values
        Folded names.
    surname
        Whether a leading character is read as a surname: 单 is shan, not dan.
    """
    special = VOCABULARY.surname_readings if surname else {}
    reader = _Reader(_readings(values), special)
    return [reader.key(text) or None for text in values]


@dataclass(frozen=True)
class _Reader:
    """How characters read, and how some of them do at the head of a family name."""

    sounds: Mapping[str, str]
    special: Mapping[str, str]

    def key(self, text: str) -> str:
        """Return a folded name in letters, without blanks."""
        if text.isascii():
            return "".join(map(_plain_u, text.split()))
        head = next((text[:length] for length in (2, 1) if text[:length] in self.special), "")
        tail = [self.sounds.get(sign, sign) for sign in text[len(head) :] if sign != " "]
        return self.special.get(head, "") + "".join(map(_plain_u, tail))


def _plain_u(syllable: str) -> str:
    return VOCABULARY.umlauts.get(syllable, syllable)


def _readings(values: Iterable[str]) -> dict[str, str]:
    from pypinyin import Style, lazy_pinyin

    signs = {sign for text in values if not text.isascii() for sign in text}
    han = sorted(sign for sign in signs if re.match(HAN, sign))
    return {sign: lazy_pinyin(sign, style=Style.NORMAL, v_to_u=False)[0] for sign in han}


def divided(values: Sequence[str]) -> list[Name]:
    """Divide whole names into given and family name.

    Notes
    -----
    Han names begin with the family name, one character or a known compound; a comma follows
    a family name; else it is the last word. Order is a guess that the model does not rely
    on: names that agree crosswise count as agreeing.
    """
    return [_divided(text) for text in simplified(values)]


def _divided(text: str) -> Name:
    text = POLITE.sub("", text.strip())
    if HAN_NAME.fullmatch(text):
        length = 2 if len(text) > 2 and text[:2] in COMPOUND_SURNAMES else 1
        return text[length:], text[:length]
    before, comma, after = text.partition(",")
    first, last = _untitled(_plain(after)), _untitled(_plain(before))
    if comma and first:
        return first, last
    words = (_untitled(_plain(text)) or "").split()
    if len(words) == 2 and all(re.match(HAN, word) for word in words):
        return words[1], words[0]
    if len(words) < 2:
        return None, (words[0] if words else None)
    return " ".join(words[:-1]), words[-1]


def sounding(values: Sequence[str]) -> list[str | None]:
    """Return how each romanised name sounds: its first letter and three classes of consonants.

    References
    ----------
    Russell's Soundex, US patent 1,261,167 (1918), with vowels parting equal consonants.
    """
    return [_sound(text) for text in values]


def _sound(text: str) -> str | None:
    letters = re.sub(r"[^a-z]", "", text)
    if not letters:
        return text or None
    classes = re.sub(r"[hw]", "", letters.translate(SOUNDS))
    once = re.sub(r"(\d)\1+", r"\1", classes)
    code = re.sub(r"\D", "", once[1:])
    return (letters[0] + code + "000")[:4]


def dates(values: Sequence[str]) -> list[str | None]:
    """Return dates as ``YYYY-MM-DD``; a slip such as the 32nd stays, it is still close."""
    return [_date(text.strip()) for text in values]


def _date(text: str) -> str | None:
    found = DATE.match(text)
    if not found or found[1] == "0000":
        return None
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"


def years(values: Sequence[str]) -> list[str | None]:
    """Return the year that each date or number begins with."""
    found = [YEAR.match(text.strip()) or DATE.match(text.strip()) for text in values]
    return [match[1] if match and match[1] != "0000" else None for match in found]


def genders(values: Sequence[str]) -> list[str | None]:
    """Return ``f``, ``m``, or None for all else."""
    words = [unicodedata.normalize("NFKC", text).strip().casefold() for text in values]
    return ["f" if word in WOMEN else "m" if word in MEN else None for word in words]


def compact(values: Sequence[str]) -> list[str | None]:
    """Return letters and digits alone, folded: postcodes and numbers of documents."""
    return [(text or "").replace(" ", "") or None for text in folded(values)]


def phones(values: pa.Array) -> pa.Array:
    """Return digits alone, without mainland China's country code; under six digits is none."""
    digits = pc.replace_substring_regex(pc.utf8_normalize(values, "NFKC"), r"[^0-9]", "")
    bare = pc.replace_substring_regex(digits, r"^(?:00)?86(1[0-9]{10})$", r"\1")
    return pc.if_else(pc.greater(pc.utf8_length(bare), 5), bare, None)


def emails(values: pa.Array) -> pa.Array:
    """Return e-mail addresses in lower case; what has no @ inside is none."""
    forms = pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_normalize(values, "NFKC")))
    return pc.if_else(pc.match_substring_regex(forms, r"^[^@]+@"), forms, None)


def address_words(text: str | None) -> list[str]:
    """Return the distinct parts of a folded address: words, and pairs of Han characters."""
    if not text:
        return []
    parts: set[str] = set()
    for run in re.findall(rf"{HAN}+|[^\s\u3400-\u9fff]+", text):
        parts |= {run[at : at + 2] for at in range(len(run) - 1)} if _is_long(run) else {run}
    return sorted(parts)


def _is_long(run: str) -> bool:
    return len(run) > 2 and re.match(HAN, run) is not None
