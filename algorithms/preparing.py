"""Tables that the reductions of one algorithm share: made once, dropped behind the last of them.

What a reply is takes four joins to find out, and a method asks three or four questions of the
replies. Without a table between them each question would make the joins again.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import duckdb


@contextmanager
def prepared(
    connection: "duckdb.DuckDBPyConnection",
    queries: Mapping[str, str],
    *,
    kind: Literal["TABLE", "VIEW"] = "TABLE",
) -> Iterator[None]:
    """Let SQL on ``connection`` read the rows of each query by its name inside the block.

    Parameters
    ----------
    connection
        Knows what the queries read.
    queries
        SQL by name, in an order in which each reads only those before it.
    kind
        Tables are made once, views whenever they are read.
    """
    with ExitStack() as stack:
        for name, query in queries.items():
            connection.execute(f'CREATE TEMP {kind} "{name}" AS {query}')
            stack.callback(connection.execute, f'DROP {kind} "{name}"')
        yield
