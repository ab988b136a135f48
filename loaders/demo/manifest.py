"""A demo company's manifest: a template beside this module, with the files as written.

The template is valid TOML and reads like anyone's manifest. Three marks in it are filled in:
the files of each source, because their endings depend on the format; the number that called,
because three tables need the same long expression; and the numbers that clerks type for
nobody, because they are kept with the other words.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from loaders.demo.files import Extract
from loaders.demo.vocabulary import words

_CALLER = (
    "right(regexp_replace(translate(来电号码, '０１２３４５６７８９', '0123456789'), "
    "'[^0-9]', '', 'g'), 11)"
)


def manifest_text(
    extracts: Mapping[str, Sequence[Extract]], *, template: str = "company.toml"
) -> str:
    """Return the manifest, in TOML, for the files of each source.

    Raises
    ------
    KeyError
        If the template names a source that exports nothing.
    """
    text = files("loaders.demo").joinpath(template).read_text("utf-8")
    text = text.replace("# caller", _CALLER).replace("# default phones", _default_phones())
    return re.sub(r"# files of (\w+)", lambda mark: _entries(extracts[mark[1]]), text)


def _default_phones() -> str:
    typed = words("machines", "default_phones")
    return ", ".join(f"'{phone}'" for phone in typed if re.fullmatch(r"1[3-9][0-9]{9}", phone))


def _entries(extracts: Sequence[Extract]) -> str:
    return "\n".join(_entry(extract) for extract in extracts)


def _entry(extract: Extract) -> str:
    # the reader expects UTF-8, with or without a byte-order mark
    if extract.encoding.startswith("utf-8"):
        return f'{extract.name} = "{extract.path}"'
    return f'{extract.name} = {{ path = "{extract.path}", encoding = "{extract.encoding}" }}'
