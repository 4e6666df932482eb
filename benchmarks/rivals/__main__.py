"""The rivals, as processes: `python -m benchmarks.rivals RIVAL SERVICE GROUP CORE STAMP`.

`ours`: the stage as it runs, ledger on SQLite, without its dispatcher.
"""

import os
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from benchmarks.watching import stamped
from shared import log
from shared.settings import Settings
from shared.stage.stage import Stage

P = TypeVar("P")


def _ours(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """The stage as it runs."""
    from shared.ledger.engine import open_engine  # noqa: PLC0415 -- no rival has to load it
    from shared.ledger.migrate import migrate  # noqa: PLC0415 -- see above
    from shared.stage.producer import KafkaSink  # noqa: PLC0415 -- see above
    from shared.stage.runner import Runner  # noqa: PLC0415 -- see above
    from shared.stage.shell import Shell, run_worker  # noqa: PLC0415 -- see above

    engine = open_engine(settings, stage.name)
    migrate(engine, stage.name)
    runner = Runner(stage, engine, sink=KafkaSink(settings), partitions=settings.partitions)
    run_worker(Shell(runner, settings, group=group), _nothing, leave=_nothing)


async def _nothing() -> None:
    return


def _main() -> None:
    rival, service, group, core, stamp = sys.argv[1:6]
    os.sched_setaffinity(0, {int(core)})
    settings = Settings()
    log.configure("warning")
    stage = import_module(f"services.{service}.app").build(settings)
    stage = replace(stage, decode=stamped(stage.decode, Path(stamp)))
    if rival == "ours":
        _ours(stage, settings, group=group)
    else:
        import_module(f"benchmarks.rivals.{rival}").run(stage, settings, group=group)


if __name__ == "__main__":
    _main()
