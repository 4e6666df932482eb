"""Where what `kulanse up` started can be found: `running.json` in the state folder.

`up` writes it (`installation/whereabouts.py`) when everything answers and removes it when it
stops; every other verb reads it, so that none needs a flag.
"""

import os
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from services.cli.failures import BadInput, Unreachable
from shared.contracts.topics import PARTITIONS_DEFAULT
from shared.settings import Settings

FILE = "running.json"
# The names of files; `up` and `mystery` write them, mode 600.
CLI_KEY, CLI_TOKEN, MYSTERY_KEY = "cli-key", "cli-token", "mystery-key"
START_IT = "Start it with `kulanse up`."


class Running(BaseModel):
    """What runs here: the broker's host:port, the addresses of the two HTTP doors, who runs it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    bootstrap: str
    intake_url: str
    desk_url: str
    partitions: int = PARTITIONS_DEFAULT
    pids: Mapping[str, int] = {}


def find(settings: Settings) -> Running | None:
    """What runs here, or None. What a killed `up` left behind counts as nothing."""
    try:
        text = (settings.state_dir / FILE).read_text(encoding="utf-8")
        running = Running.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    gone = running.pids and not any(_lives(pid) for pid in running.pids.values())
    return None if gone else running


def need(settings: Settings) -> Running:
    """What runs here; raises `Unreachable` when nothing does and nothing is configured."""
    found = find(settings)
    if found is not None:
        return found
    if not ({"bootstrap", "intake_port", "desk_port"} & settings.model_fields_set):
        raise Unreachable("not_running", "Nothing runs here.", START_IT)
    return Running(
        bootstrap=settings.bootstrap,
        intake_url=f"http://{settings.intake_host}:{settings.intake_port}",
        desk_url=f"http://{settings.desk_host}:{settings.desk_port}",
        partitions=settings.partitions,
    )


def secret(settings: Settings, *, name: str, variable: str, what: str) -> str:
    """A key or token: from the environment, else the file that `up` wrote."""
    given = os.environ.get(variable)
    if given:
        if not (given.isascii() and given.isprintable()):
            raise BadInput("bad_credential", variable, f"this is no {what}: it is plain ASCII")
        return given
    try:
        return (settings.state_dir / name).read_text(encoding="utf-8").strip()
    except OSError:
        message = f"There is no {what}: {settings.state_dir / name} is not there."
        hint = f"Set {variable}, or KULANSE_STATE_DIR to the folder where `kulanse up` runs."
        raise Unreachable("no_credential", message, hint) from None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, and alive
        return True
    return True
