"""The stages of `explain` are the services' own: else it would explain another system."""

from pathlib import Path

import pytest

from services.cli.stages import parts
from services.intake.app import build as build_intake
from services.notify.app import build as build_notify
from services.recovery.app import build as build_recovery
from services.triage.app import build as build_triage
from shared.settings import Settings
from shared.stage.fold import Fold

BUILDS = {
    "intake": build_intake,
    "triage": build_triage,
    "recovery": build_recovery,
    "notify": build_notify,
}


@pytest.mark.parametrize("name", BUILDS)
def test_explain_decides_as_the_service_does(name: str, tmp_path: Path) -> None:
    """A policy owner would be shown decisions that the service does not make."""
    part = next(part for part in parts() if part.name == name)
    fold = part.fold()
    assert isinstance(fold, Fold)
    ours, theirs = fold.stage, BUILDS[name](Settings(state_dir=tmp_path))
    assert (theirs.decide, theirs.touches) == (ours.decide, ours.touches)
    assert theirs.policy_digest == ours.policy_digest
    # What the outside world would answer (the shop's orders, finance) is all that may be missing.
    assert {topic.name for topic in ours.inputs} <= {topic.name for topic in theirs.inputs}
