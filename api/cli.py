"""The command line. Every command is thin: it reads options, calls one function, prints.

Exit codes: 0 done (also with rejects, which are reported), 1 failed, 2 wrong usage, 3 data
rejected, 4 not found, 5 refused by a guard.
"""

import sys

import typer

from api.commands import (
    algorithms,
    circles,
    cypher,
    database,
    demo,
    documents,
    evaluating,
    identity,
    keys,
    leaders,
    loading,
    reading,
    seeding,
    serving,
)
from api.output import emit_error, note
from graph.errors import KithError

INTERRUPTED = 130  # what shells return for Ctrl-C

app = typer.Typer(
    name="kith",
    help="kith (知己): a customer knowledge graph.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for group in (
    database,
    demo,
    loading,
    algorithms,
    identity,
    evaluating,
    reading,
    leaders,
    circles,
    seeding,
    cypher,
    serving,
    documents,
):
    group.register(app)
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except KithError as error:
        emit_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        note("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # whoever read our output has gone: nothing is left to say
        sys.stderr.close()
        sys.exit(0)
