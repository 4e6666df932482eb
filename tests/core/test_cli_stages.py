"""The stages of `explain` are the services' own: else it would explain another system."""

from pathlib import Path
from typing import TypeVar

from services.cli.stages import parts
from services.intake.app import build as build_intake
from services.notify.app import build as build_notify
from services.recovery.app import build as build_recovery
from services.triage.app import build as build_triage
from shared.settings import Settings
from shared.stage.fold import Fold
from shared.stage.stage import Stage

P = TypeVar("P")


def check_same(name: str, theirs: Stage[P]) -> None:
    """Assert that a part of the chain is this stage, adapters aside."""
    part = next(part for part in parts() if part.name == name)
    fold = part.fold()
    assert isinstance(fold, Fold)
    ours = fold.stage
    assert (theirs.decide, theirs.touches) == (ours.decide, ours.touches)
    assert theirs.policy_digest == ours.policy_digest
    # What the outside world would answer (the shop's orders, finance) is all that may be missing.
    assert {topic.name for topic in ours.inputs} <= {topic.name for topic in theirs.inputs}


def test_explain_decides_as_the_services_do(tmp_path: Path) -> None:
    """A policy owner would be shown decisions that the services do not make."""
    settings = Settings(state_dir=tmp_path)
    check_same("intake", build_intake(settings))
    check_same("triage", build_triage(settings))
    check_same("recovery", build_recovery(settings))
    check_same("notify", build_notify(settings))
