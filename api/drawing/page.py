"""A map as one page that draws itself: no network access, nothing to install.

The page may run its own script and nothing else: its policy names the script and the style by
their digests and forbids every connection. Data lie in a block that is not run, and in which no
sign can close it; labels are drawn and written as text. A nickname that is markup is a nickname.
"""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Final

from api.drawing.picture import Picture
from graph.language import Text, current_language

WORDS: Final = {
    "title": Text("Who answers whom", "谁回复谁"),
    "search": Text("Find a nickname", "查找昵称"),
    "whole": Text("Whole map", "全图"),
    "other": Text("中文", "English"),
    "attention": Text("attention", "关注度"),
    "partners": Text("partners on the map", "图中往来人数"),
    "none": Text("none", "无"),
}
ROLES: Final = {
    "core": Text("core", "核心"),
    "bridge": Text("bridge", "连接"),
    "edge": Text("edge", "边缘"),
}
# signs that could end the block of data, or that scripts take for the end of a line
UNSAFE: Final = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
NOBODY: Final = ""


def page(picture: Picture) -> str:
    """Return a map as HTML in both languages; it opens in the current one."""
    parts = {name: _part(name) for name in ("html", "css", "js")}
    filled = {
        "POLICY": _policy(parts["js"], style=parts["css"]),
        "STYLE": parts["css"],
        "SCRIPT": parts["js"],
        # last: nothing in the data is looked at again
        "DATA": _data(picture),
    }
    text = parts["html"]
    for name, value in filled.items():
        text = text.replace(f"@@{name}@@", value, 1)
    return text


def _part(name: str) -> str:
    return files("api.drawing").joinpath(f"page.{name}").read_text(encoding="utf-8")


def _policy(script: str, *, style: str) -> str:
    sources = f"script-src {_digest(script)}; style-src {_digest(style)}"
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(picture: Picture) -> str:
    """Return what the script reads as JSON without a sign that could leave its block."""
    nodes = [
        {
            "id": node.customer_id,
            "label": node.label,
            "x": node.x,
            "y": node.y,
            "r": picture.radius(node),
            "attention": round(node.attention, 3),
            "circle": node.circle_id or NOBODY,
            "role": node.role or "",
        }
        for node in picture.nodes
    ]
    lines = [{"s": line.source, "t": line.target, "n": line.n} for line in picture.lines]
    marks = {
        name or NOBODY: {"colour": m.colour, "shape": m.shape, "en": m.label.en, "zh": m.label.zh}
        for name, m in picture.marks.items()
    }
    words = {
        language: {
            **{name: getattr(text, language) for name, text in WORDS.items()},
            "caption": getattr(picture.caption, language),
            "roles": {name: getattr(text, language) for name, text in ROLES.items()},
        }
        for language in ("en", "zh")
    }
    told = {"nodes": nodes, "lines": lines, "marks": marks, "words": words}
    text = json.dumps({**told, "language": current_language()}, ensure_ascii=False)
    for sign, escape in UNSAFE.items():
        text = text.replace(sign, escape)
    return text
