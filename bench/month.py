"""The month's run over replies from the graph and back into it: reads and write-back included.

    python bench/month.py [--replies 1300000] [--people 1100000] [--home FOLDER]

The forum of ``bench/influence.py`` as files of one source: loaded, resolved, and then scored by
one ``kith score`` over the graph. A home that holds it already is scored a day earlier, so that
nothing is unchanged.
"""

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
from company import kith  # type: ignore[import-not-found]  # lies beside this script
from influence import AS_OF, METHODS, tables  # type: ignore[import-not-found]  # as this one
from methods import published  # type: ignore[import-not-found]  # as this one

MANIFEST: Final = """
[company]
name = "A made-up forum"
currency = "CNY"
timezone = "Asia/Shanghai"
phone_region = "CN"

[[source]]
name = "forum"
party = "first"
legal_basis = "contract"

[source.files]
members = "accounts.parquet"
messages = "posts.parquet"

[[source.table]]
fills = "accounts"
from = "members"
[source.table.columns]
account_key = "account_id"
kind = "'community'"
registered_at = "registered_at"
handle = "handle"

[[source.table]]
fills = "posts"
from = "messages"
[source.table.columns]
post_key = "post_id"
account_key = "account_id"
posted_at = "posted_at"
kind = "kind"
topic = "topic"
reply_to_account_key = "reply_to_account_id"
"""


def write_files(folder: Path, *, replies: int, people: int) -> Path:
    """Write the forum's files and return their manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    made = tables(replies, people)
    for name in ("accounts", "posts"):
        pq.write_table(made[name], folder / f"{name}.parquet")
    manifest = folder / "forum.toml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    return manifest


def build(home: Path, *, replies: int, people: int) -> None:
    """Load and resolve the forum; print what that took."""
    manifest = write_files(home / "forum", replies=replies, people=people)
    for command in (("load", str(manifest)), ("resolve",)):
        _, seconds = kith(home, *command, "--json")
        print(f"kith {command[0]}: {seconds:.1f} s", flush=True)


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=1_300_000)
    parser.add_argument("--people", type=int, default=1_100_000)
    parser.add_argument("--home", type=Path, default=None)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kith-bench-"))
    is_held = (home / "forum").exists()
    kith(home, "up")
    try:
        if not is_held:
            build(home, replies=options.replies, people=options.people)
        as_of = AS_OF - timedelta(days=1) if is_held else AS_OF
        found = published(home, METHODS, as_of=as_of)
    finally:
        kith(home, "down")
    print(f"\n{options.replies:,} replies, {options.people:,} people: reads, computation, writes\n")
    print(found)


if __name__ == "__main__":
    main()
