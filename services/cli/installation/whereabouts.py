"""Writes `running.json`, by which the other verbs find what runs (`services/cli/running.py`)."""

import os
from collections.abc import Mapping
from pathlib import Path

from services.cli.running import FILE, Running
from shared.settings import Settings


def write(settings: Settings, pids: Mapping[str, int]) -> Path:
    """Say what runs; replaced in one step, so that nobody reads half of it."""
    path = settings.state_dir / FILE
    told = Running(
        bootstrap=settings.bootstrap,
        intake_url=intake_url(settings),
        desk_url=desk_url(settings),
        partitions=settings.partitions,
        pids={"up": os.getpid(), **pids},
    )
    draft = path.with_suffix(".new")
    draft.write_text(told.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return draft.replace(path)


def forget(settings: Settings) -> None:
    """Nothing runs here any more."""
    (settings.state_dir / FILE).unlink(missing_ok=True)


def intake_url(settings: Settings) -> str:
    """Where intake's HTTP door is."""
    return f"http://{settings.intake_host}:{settings.intake_port}"


def desk_url(settings: Settings) -> str:
    """Where the desk's HTTP door is."""
    return f"http://{settings.desk_host}:{settings.desk_port}"
