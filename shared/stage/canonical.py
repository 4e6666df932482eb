"""One canonical log line per decided event: ids, types and reason codes, nothing personal."""

import structlog

from shared.stage.batch import Plan


def log_batch(stage: str, plan: Plan) -> None:
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
