"""Logs: JSON lines, one canonical line per event, codes and ids only.

Nothing personal is ever passed to a logger; what may be passed is on the list of
`docs/reference/logs.md`. Libraries log in their own words: of those we keep the template and
numbers, and of an exception its class and place, never its words, which may quote a complaint.
"""

import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, cast

import orjson
import structlog

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
# Their warnings are news to Faust's makers alone.
_ERRORS_ONLY = ("faust", "mode")
_OURS = re.compile(r"(kulanse|complaints|recover|notif|cases|promises|approvals|orders)[\w.-]*")
# In free text of a library: what is quoted, mails, and long numbers.
_RISKY = re.compile(r"'[^']*'|\"[^\"]*\"|\S+@\S+|\+?\d[\d -]{6,}")
SAID_CHARS_MAX = 200
EVERY_S, ALIKE_CHARS, ALIKE_MAX = 10.0, 40, 1_000
LEFT_OUT = "…"


def configure(level: str, stream: BinaryIO | None = None) -> None:
    """Set up logging for this process: JSON lines on standard error, or on `stream`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(
            cast("BinaryIO", Unfailing(stream or sys.stderr.buffer))
        ),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()  # which Faust would open to everything: see `run_worker`
    root.handlers[:] = [Foreign()]
    root.setLevel(max(_LEVELS[level], logging.WARNING))
    for name in _ERRORS_ONLY:
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.excepthook = lambda _kind, error, _trace: _told("unhandled", error)
    threading.excepthook = lambda args: _told("unhandled", args.exc_value)


class Unfailing:
    """A stream that loses what cannot be written: a full disk of logs must stop no complaint."""

    def __init__(self, stream: BinaryIO) -> None:
        """Of the stream `write` and `flush` are used."""
        self._stream = stream

    def write(self, line: bytes) -> int:
        """Write, or not."""
        with suppress(OSError):
            self._stream.write(line)
        return len(line)

    def flush(self) -> None:
        """What cannot go out now is tried again with the next line, as far as it is kept."""
        with suppress(OSError):
            self._stream.flush()


class Foreign(logging.Handler):
    """A library's line, made ours: one JSON line without anybody's words.

    Kafka's client says the same thing many times a second while the broker is away: of lines that
    begin alike one in ten seconds is written, with how many more there were.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds, of any beginning."""
        super().__init__()
        self._clock = clock
        self._written: dict[tuple[str, str], tuple[float, int]] = {}

    def _left_out(self, record: logging.LogRecord) -> int | None:
        """How many like it were left out since the last; None: leave this one out, too."""
        now_s, alike = self._clock(), (record.name, str(record.msg)[:ALIKE_CHARS])
        at_s, left_out = self._written.get(alike, (now_s - EVERY_S, 0))
        if now_s - at_s < EVERY_S:
            self._written[alike] = at_s, left_out + 1
            return None
        if len(self._written) > ALIKE_MAX:
            self._written.clear()
        self._written[alike] = now_s, 0
        return left_out

    def emit(self, record: logging.LogRecord) -> None:
        """Log it, unless it was said a moment ago."""
        more = self._left_out(record)
        if more is None:
            return
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING,
            "library",
            logger=record.name,
            said=said(record),
            error=type(error).__name__ if error else None,
            where=where(error) if error else None,
            more=more,
        )


def said(record: logging.LogRecord) -> str:
    """The first line of what a library says, with only what cannot be personal filled in."""
    template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    if not record.args:
        return _RISKY.sub(LEFT_OUT, template.partition("\n")[0])[:SAID_CHARS_MAX]
    args = record.args if isinstance(record.args, tuple) else ()
    try:
        text = template % tuple(_plain(arg) for arg in args)
    except (TypeError, ValueError):
        text = template
    return text.partition("\n")[0][:SAID_CHARS_MAX]


def _plain(arg: object) -> object:
    if isinstance(arg, int | float):
        return arg
    if isinstance(arg, BaseException):
        return type(arg).__name__
    return arg if isinstance(arg, str) and _OURS.fullmatch(arg) else LEFT_OUT


def where(error: BaseException) -> str:
    """File and line, not the message: a message may quote a complaint."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def _told(happened: str, error: BaseException | None) -> None:
    if error is not None:
        structlog.get_logger().error(happened, error=type(error).__name__, where=where(error))
