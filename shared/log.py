"""Logs: JSON lines, one canonical line per event, codes and ids only.

Nothing personal is ever passed to a logger; what is passed is on the list of each call below.
"""

import logging
import sys
from typing import TYPE_CHECKING

import orjson
import structlog

if TYPE_CHECKING:
    from shared.stage.batch import Plan

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


def log_batch(stage: str, plan: "Plan") -> None:
    """One canonical line per decided event: ids, type, the reasons' codes."""
    log = structlog.get_logger()
    for planned in plan.planned:
        log.info(
            "decided",
            stage=stage,
            event_id=planned.event.id,
            type=planned.event.type,
            emitted=[event.type for event in planned.emitted],
            reasons=[reason.code for reason in planned.decision.reasons],
        )
    if plan.dead:
        log.warning("dead_letters", stage=stage, count=plan.dead)
