"""What a person asked `kulanse up` for, and the settings that follow from it."""

import os
from dataclasses import dataclass
from pathlib import Path

from services.cli.installation.parts import port_or_free
from shared.settings import STATE_DIR, Settings

# Fewer partitions are sooner assigned; one machine has no use for more.
PARTITIONS = 4
BROKER_PORT = 29092


@dataclass(frozen=True, slots=True)
class Wanted:
    """Options of `up`. Ports 0: any free one. `quiet_ports`: never a default port."""

    state_dir: Path
    broker: bool = True
    port: int = BROKER_PORT
    intake_port: int = 8080
    desk_port: int = 8090

    def settings(self, bootstrap: str) -> Settings:
        """The settings of every process of this installation."""
        given = Settings()
        partitions = given.partitions if "KULANSE_PARTITIONS" in os.environ else PARTITIONS
        return given.model_copy(
            update={
                "bootstrap": bootstrap,
                "state_dir": self.state_dir,
                "partitions": partitions if self.broker else given.partitions,
                "intake_port": port_or_free(self.intake_port),
                "desk_port": port_or_free(self.desk_port),
            }
        )


def given_state_dir(option: Path | None) -> Path | None:
    """The folder that a person named, by option or environment; None when she named none."""
    if option is not None:
        return option.expanduser().absolute()
    return Settings().state_dir.absolute() if "KULANSE_STATE_DIR" in os.environ else None


def usual_state_dir() -> Path:
    """Where an installation lives when nobody says otherwise."""
    return STATE_DIR


def exported(settings: Settings) -> dict[str, str]:
    """What the children read in their environment: no secret, those lie in files."""
    return {
        "KULANSE_BOOTSTRAP": settings.bootstrap,
        "KULANSE_STATE_DIR": str(settings.state_dir),
        "KULANSE_PARTITIONS": str(settings.partitions),
        "KULANSE_INTAKE_PORT": str(settings.intake_port),
        "KULANSE_DESK_PORT": str(settings.desk_port),
        "KULANSE_LINKS_URL": settings.links_url or f"http://127.0.0.1:{settings.intake_port}",
        "PYTHONUNBUFFERED": "1",
    }
