"""Logs: JSON lines, one canonical line per event, codes and ids only.

Nothing personal is ever passed to a logger; what may be passed is on the list of
`docs/reference/logs.md`. Libraries log in their own words: of those we keep the template and
numbers, and of an exception its class and place, never its words, which may quote a complaint.
"""

import logging
import re
import sys
import threading
from typing import BinaryIO

import orjson
import structlog

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
# Their warnings are news to Faust's makers alone.
_ERRORS_ONLY = ("faust", "mode")
_OURS = re.compile(r"(kulanse|complaints|recover|notif|cases|promises|approvals|orders)[\w.-]*")
# In free text of a library: what is quoted, mails, and long numbers.
_RISKY = re.compile(r"'[^']*'|\"[^\"]*\"|\S+@\S+|\+?\d[\d -]{6,}")
SAID_CHARS_MAX = 200
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
        logger_factory=structlog.BytesLoggerFactory(stream or sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()  # which Faust would open to everything: see `run_worker`
    root.handlers[:] = [Foreign()]
    root.setLevel(max(_LEVELS[level], logging.WARNING))
    for name in _ERRORS_ONLY:
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.excepthook = lambda _kind, error, _trace: _told("unhandled", error)
    threading.excepthook = lambda args: _told("unhandled", args.exc_value)


class Foreign(logging.Handler):
    """A library's line, made ours: one JSON line without anybody's words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it."""
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING,
            "library",
            logger=record.name,
            said=said(record),
            error=type(error).__name__ if error else None,
            where=where(error) if error else None,
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
