"""What history says: the standing of each complaint, and who the complainant is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from services.recovery.model import Held, Standing, standing_from
from shared.contracts.caserule import recalled
from shared.contracts.recoveries import Basis, Gesture, GestureKind
from shared.stage.decision import History, Memory


def standing_of(history: History, complaint_id: str) -> Standing | None:
    """The newest standing of a complaint's recovery."""
    for memory in reversed(history.memories):
        data = memory.data.get("standing")
        if isinstance(data, dict) and data.get("complaint_id") == complaint_id:
            return standing_from(data)
    return None


def standings(history: History) -> tuple[Standing, ...]:
    """The newest standing of each complaint of this complainant, oldest complaint first."""
    newest: dict[str, Mapping[str, JsonValue]] = {}
    for memory in history.memories:
        data = memory.data.get("standing")
        if isinstance(data, dict):
            newest[str(data["complaint_id"])] = data
    return tuple(standing_from(dict(data)) for data in newest.values())


def about_of(history: History, case_id: str) -> tuple[str, ...]:
    """The colleagues whom this case is about, as the desk has told."""
    return recalled((memory.data for memory in history.memories), case_id).about


def declined_by(history: History, case_id: str) -> frozenset[str]:
    """Who refused to sign for any complaint of this case."""
    ours = (standing for standing in standings(history) if standing.case_id == case_id)
    return frozenset(person for standing in ours for person in standing.declined_by)


def holder_of(history: History, gesture_id: str) -> Standing | None:
    """The standing that holds this gesture."""
    holds = (
        standing
        for standing in standings(history)
        if any(held.gesture.gesture_id == gesture_id for held in standing.held)
    )
    return next(holds, None)


def who_wrote(history: History, complaint_id: str) -> tuple[str, ...] | None:
    """The tokens of the one who wrote; None when the registered event has not come yet."""
    for memory in reversed(history.memories):
        data = memory.data.get("who")
        if isinstance(data, dict) and data.get("complaint_id") == complaint_id:
            tokens = data["tokens"]
            return tuple(str(token) for token in tokens) if isinstance(tokens, list) else ()
    return None


def remembered_gestures(
    complaint_id: str,
    given: Iterable[tuple[GestureKind, Basis, int, str | None, datetime]],
    *,
    order_id: str | None = None,
    case_id: str = "",
) -> dict[str, JsonValue]:
    """What to remember of an earlier complaint's gestures (`explain`): a settled standing.

    Each is (kind, basis, amount in minor units, currency, when it was given). `case_id`: the case
    that it was read into, else a case of its own.
    """
    held = tuple(
        Held(
            gesture=Gesture(
                gesture_id=f"{complaint_id}:{i}",
                kind=kind,
                amount_minor=amount_minor,
                currency=currency,
                state="posted",
            ),
            basis=basis,
            given_at=at,
        )
        for i, (kind, basis, amount_minor, currency, at) in enumerate(given)
    )
    standing = Standing(
        complaint_id=complaint_id,
        case_id=case_id or complaint_id,
        status="settled",
        held=held,
        order_id=order_id,
    )
    return {"standing": standing.dumped()}


def memories(*data: Mapping[str, JsonValue], at: datetime) -> Sequence[Memory]:
    """Memories of these remembered values, for `explain` and tests."""
    return tuple(Memory(f"memory-{i}", "", at, each) for i, each in enumerate(data))
