"""The `kulanse` command. One module a verb under `services/cli`; only the one called is imported.

Exit codes: 0 done, 1 refused or failed, 2 not called like that, 3 a broker or a service does not
answer, 70 a bug of ours, 130 interrupted, 141 the reader of our output went away.
"""

import io
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import typer

from services.cli.failures import guarded

# In the order of `kulanse --help`: what a newcomer calls first comes first. A verb's module has a
# function of its name, or `app` when it has verbs of its own.
VERBS: dict[str, str] = {
    "up": "up",
    "send": "send",
    "backfill": "backfill",
    "contract-check": "contract_check",
    "tail": "tail",
    "explain": "explain",
    "check": "check",
    "cases": "cases",
    "approvals": "approvals",
    "console": "console",
    "payouts": "payouts",
    "policy": "changing",
    "vouchers": "vouchers",
    "report": "report",
    "measures": "corrective",
    "mystery": "mystery",
    "pause": "switches",
    "resume": "switches",
    "switches": "switches",
    "dlq": "dlq",
    "keys": "keys",
    "forget": "forget",
    "export": "export",
    "checkpoint": "checkpoint",
    "schemas": "schemas",
    "provision": "provision",
}
HELP = "Complaints in, fair answers out. Every verb takes --json; errors are one line."


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Do what a person asked for; the exit code."""
    as_json = any(argument in ("--json", "--jsonl") for argument in arguments)
    return guarded(lambda: _called(arguments), as_json=as_json)


def _called(arguments: Sequence[str]) -> int | None:
    app = build(arguments)
    answer = app(args=list(arguments) or ["--help"], prog_name="kulanse", standalone_mode=False)
    return answer if isinstance(answer, int) else None


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command with the verb that is called; with every verb when it is none of them."""
    app = typer.Typer(
        help=HELP,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_kulanse)
    called = next((a for a in arguments if not a.startswith("-")), None)
    for verb in [called] if called in VERBS else VERBS:
        _add(app, verb)
    return app


def _kulanse() -> None:
    """Complaints in, fair answers out. Every verb takes --json; errors are one line."""


def _add(app: typer.Typer, verb: str) -> None:
    name = f"services.cli.{VERBS[verb]}"
    if find_spec(name) is None:
        return
    module = import_module(name)
    inner = getattr(module, "app", None)
    if isinstance(inner, typer.Typer):
        app.add_typer(inner, name=verb)
    else:
        app.command(verb)(getattr(module, verb.replace("-", "_")))


if __name__ == "__main__":
    main()
