"""What the ledger knows and nobody counts: effects by state, what is held, and the stage's own.

Asked in a thread of its own, now and then; a question that is dear is asked less often. Workers of
one stage ask the same ledger: their answers are the same, not parts of a sum.
"""

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from sqlalchemy import Connection, Engine, case, func, select
from sqlalchemy.exc import SQLAlchemyError

from shared.ledger.engine import now
from shared.ledger.tables import WORK_LEFT, effects, holds
from shared.metrics.board import Board, Labels

EVERY_S = 15.0
# An answer that took a second is asked for again after 100: at most 1 % of the ledger's time.
REST_PER_WORK, REST_S_MAX = 100.0, 300.0
# A question on its way for so long has no answer. `LedgerDown` waits for a minute more.
UNANSWERED_S = 30.0
Gauges = Callable[[Connection], Mapping[str, Mapping[Labels, float]]]


def ledger_gauges(connection: Connection) -> dict[str, Mapping[Labels, float]]:
    """Effects by kind and state, how long the oldest open one has been due, and any hold."""
    at_s = now(connection)
    held = connection.execute(select(func.count()).select_from(holds)).scalar_one()
    counted = connection.execute(
        select(effects.c.kind, effects.c.state, func.count()).group_by(
            effects.c.kind, effects.c.state
        )
    )
    return {
        "kulanse_held": {(): 1.0 if held else 0.0},
        "kulanse_effects": {(kind, state): float(n) for kind, state, n in counted},
        "kulanse_effects_oldest_seconds": _oldest(connection, at_s),
    }


def _oldest(connection: Connection, at_s: float) -> dict[Labels, float]:
    """Due and never tried: since it was due. Tried, and open: since it was made."""
    made_or_due = case(
        (effects.c.next_at > effects.c.created_at, effects.c.next_at), else_=effects.c.created_at
    )
    since = case((effects.c.attempts > 0, effects.c.created_at), else_=made_or_due)
    rows = connection.execute(
        select(effects.c.kind, effects.c.state, func.min(since))
        .where(WORK_LEFT, since <= at_s)
        .group_by(effects.c.kind, effects.c.state)
    )
    return {(kind, state): max(0.0, at_s - first) for kind, state, first in rows}


def look(stage: str, engine: Engine, *, board: Board, own: Gauges) -> None:
    """Ask once, and put the answers on the board."""
    try:
        with engine.execution_options(read_only=True).begin() as connection:
            found = {**ledger_gauges(connection), **own(connection)}
    except SQLAlchemyError as error:
        # The class alone: the words may hold a row.
        structlog.get_logger().warning("ledger_unanswered", error=type(error).__name__)
        board.put("kulanse_ledger_up", {(stage,): 0.0})
        return
    board.put("kulanse_ledger_up", {(stage,): 1.0})
    for name, rows in found.items():
        board.put(name, {(stage, *labels): value for labels, value in rows.items()})


def look_within(
    stage: str, engine: Engine, *, board: Board, own: Gauges, unanswered_s: float
) -> None:
    """Ask once; a database that takes the question and says nothing is away, too, meanwhile."""

    def silent() -> None:
        structlog.get_logger().warning("ledger_unanswered", error="silent")
        board.put("kulanse_ledger_up", {(stage,): 0.0})

    patience = threading.Timer(unanswered_s, silent)
    patience.daemon = True
    patience.start()
    try:
        look(stage, engine, board=board, own=own)
    finally:
        patience.cancel()


def watch_ledger(stage: str, engine: Engine, *, board: Board, own: Gauges) -> threading.Thread:
    """Ask for ever, in a thread that ends with the process."""
    ask_once = partial(look_within, stage, engine, board=board, own=own, unanswered_s=UNANSWERED_S)

    def ask() -> None:
        ask_once()  # connects, too: says nothing of the next
        while True:
            time.sleep(EVERY_S)
            began_s = time.monotonic()
            ask_once()
            took_s = time.monotonic() - began_s
            time.sleep(min(took_s * REST_PER_WORK, REST_S_MAX))

    thread = threading.Thread(target=ask, name="gauges", daemon=True)
    thread.start()
    return thread
