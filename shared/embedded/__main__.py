"""A broker from a terminal: `python -m shared.embedded start` or `fetch`.

`start` prints where it listens and stays until Ctrl-C; `fetch` brings and checks the jars, and
makes later starts quicker.
Exit codes: 0 done, 1 it could not be done (one line says why), 2 a wrong word.
"""

import argparse
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from shared.embedded.broker import prepare, start_broker
from shared.embedded.errors import EmbeddedError
from shared.embedded.progress import say


def main() -> int:
    """Do what the command line says."""
    given = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with suppress(KeyboardInterrupt):
            return _fetch() if given.verb == "fetch" else _start(given.data_dir, given.port)
    except EmbeddedError as error:
        say(f"error: {error}")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared.embedded", description="A Kafka broker")
    verbs = parser.add_subparsers(dest="verb", required=True)
    start = verbs.add_parser("start", help="run a broker until Ctrl-C")
    start.add_argument("--data-dir", type=Path, default=Path(".kulanse/kafka"))
    start.add_argument("--port", type=int, default=9092, help="0 is any free one (default: 9092)")
    verbs.add_parser("fetch", help="bring the jars, check every one, and end")
    return parser.parse_args()


def _fetch() -> int:
    jars = prepare()
    sys.stdout.write(f"{len(jars)} jars, every checksum right, in {jars[0].parent}\n")
    return 0


def _start(data_dir: Path, port: int) -> int:
    with start_broker(data_dir, port=port) as broker:
        sys.stdout.write(f"{broker.bootstrap}\n")
        sys.stdout.flush()
        broker.wait()
        raise broker.failure()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
