"""Every service's policy with its digest, loaded when asked for; raises `Refused`."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel

from shared.policy import load_policy

if TYPE_CHECKING:
    from services.desk.policy import DeskPolicy
    from services.intake.policy import IntakePolicy
    from services.notify.policy import NotifyPolicy
    from services.recovery.policy import Policy as RecoveryPolicy
    from services.triage.policy import TriagePolicy


@cache
def intake_policy() -> "tuple[IntakePolicy, str]":
    """Intake's."""
    from services.intake.policy import load

    return load()


@cache
def triage_policy() -> "tuple[TriagePolicy, str]":
    """Triage's, with its languages."""
    from services.triage.policy import load

    return load()


@cache
def recovery_policy() -> "tuple[RecoveryPolicy, str]":
    """Recovery's, with the law and the people."""
    from services.recovery.policy import load

    return load()


@cache
def notify_policy() -> "tuple[NotifyPolicy, str]":
    """Notify's, with its texts and the boards."""
    from services.notify.policy import FILES, NotifyPolicy

    return load_policy(NotifyPolicy, **FILES)


@cache
def desk_policy() -> "tuple[DeskPolicy, str]":
    """The desk's, with the people."""
    from services.desk.policy import FILES, DeskPolicy

    return load_policy(DeskPolicy, **FILES)


LOADERS: Mapping[str, Callable[[], tuple[BaseModel, str]]] = {
    "intake": intake_policy,
    "triage": triage_policy,
    "recovery": recovery_policy,
    "notify": notify_policy,
    "desk": desk_policy,
}
