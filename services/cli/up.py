"""`kulanse up`: a broker and every service in one terminal, and a demo of the whole way."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.failures import OK, BadInput

Demo = Annotated[
    int | None, typer.Option("--demo", metavar="N", help="send N invented complaints and count")
]
Exit = Annotated[bool, typer.Option("--exit", help="stop after the demo, in a folder of its own")]
Json = Annotated[bool, typer.Option("--json", help="the demo's counts as JSON, on the last line")]
NoBroker = Annotated[
    bool, typer.Option("--no-broker", help="use the broker that KULANSE_BOOTSTRAP names")
]
StateDir = Annotated[
    Path | None, typer.Option("--state-dir", metavar="DIR", help="where everything is kept")
]
PORT_MAX = 65_535
Port = Annotated[
    int, typer.Option("--port", min=0, max=PORT_MAX, help="Kafka's; another if it is taken")
]
IntakePort = Annotated[
    int, typer.Option("--intake-port", min=0, max=PORT_MAX, help="the port for complaints")
]
DeskPort = Annotated[
    int, typer.Option("--desk-port", min=0, max=PORT_MAX, help="the port for people at work")
]
COMPLAINTS_MAX = 5_000  # an hour's work for one machine; benchmarks go further


def up(  # signature: typer
    *,
    demo: Demo = None,
    exit_: Exit = False,
    as_json: Json = False,
    no_broker: NoBroker = False,
    state_dir: StateDir = None,
    port: Port = 29092,
    intake_port: IntakePort = 8080,
    desk_port: DeskPort = 8090,
) -> int:
    """Start a broker and every service; Ctrl-C stops them."""
    from services.cli.installation.wanted import Wanted, given_state_dir, usual_state_dir

    _check(demo, exit_=exit_, as_json=as_json)
    given = given_state_dir(state_dir)
    passing = given is None and demo is not None and exit_
    wanted = Wanted(
        state_dir=_passing_folder() if passing else given or usual_state_dir(),
        broker=not no_broker,
        # A run that nobody else looks for takes no port from anyone.
        port=0 if passing else port,
        intake_port=0 if passing else intake_port,
        desk_port=0 if passing else desk_port,
    )
    code = _run(wanted, demo, leave=exit_, as_json=as_json)
    if passing:
        _tidy(wanted.state_dir, good=code == OK)
    return code


def _check(demo: int | None, *, exit_: bool, as_json: bool) -> None:
    if demo is not None and not 1 <= demo <= COMPLAINTS_MAX:
        raise BadInput("out_of_range", "--demo", f"give a number from 1 to {COMPLAINTS_MAX}")
    if demo is None and (exit_ or as_json):
        raise BadInput("demo_missing", "--demo", "--exit and --json belong to a --demo N")


def _run(wanted: object, demo: int | None, *, leave: bool, as_json: bool) -> int:
    import asyncio

    from services.cli.installation.wanted import Wanted
    from services.cli.session import come_up

    assert isinstance(wanted, Wanted)  # noqa: S101 -- imported late, so the type is named here
    return asyncio.run(come_up(wanted, demo, leave=leave, as_json=as_json))


def _passing_folder() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="kulanse-demo-"))


def _tidy(folder: Path, *, good: bool) -> None:
    """A demo that balanced leaves nothing; one that did not leaves its logs and ledgers."""
    import shutil
    import sys

    if good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.stderr.write(f"Logs and ledgers are kept in {folder}\n")
