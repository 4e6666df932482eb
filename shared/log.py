"""Logs: JSON lines, one canonical line per event, codes and ids only.

Nothing personal is ever passed to a logger; what is passed is on the list of each call below.
"""

import logging
import sys

import orjson
import structlog

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(level: str) -> None:
    """Set up structlog for this process: JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(_LEVELS[level], logging.WARNING), stream=sys.stderr)
    # Faust opens the root logger to everything, and aiokafka tells of each record it sends.
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
