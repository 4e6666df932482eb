"""The processes of an installation: the five stages and the two doors, each with its port."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.embedded.errors import EmbeddedError
from shared.embedded.probe import free_port, require_free
from shared.settings import Settings

STAGES = ("intake", "triage", "recovery", "notify", "desk")
DOORS = ("intake", "desk")


@dataclass(frozen=True, slots=True)
class Part:
    """One process: how it is started, and where it says that it is ready."""

    name: str
    module: str
    ready_url: str
    verb: str = "run"
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        """What to run; `env` sets what differs between the parts."""
        pairs = [f"{name}={value}" for name, value in self.environment.items()]
        return ["env", *pairs, sys.executable, "-m", self.module, self.verb]


def parts(settings: Settings) -> tuple[Part, ...]:
    """The stages, then the doors; each stage gets a free port for its health."""
    ports = {
        "intake": (settings.intake_host, settings.intake_port),
        "desk": (settings.desk_host, settings.desk_port),
    }
    # The desk's with the other services' cores in hand, which it may not import itself.
    modules = {"intake": "services.intake", "desk": "services.cli.desk_door"}
    doors = tuple(
        Part(f"{name}-door", modules[name], f"http://{host}:{port}/health", "door")
        for name, (host, port) in ports.items()
    )
    return (*(_stage(name) for name in STAGES), *doors)


def _stage(name: str) -> Part:
    port = free_port()
    given = {"KULANSE_HTTP_PORT": str(port), "KULANSE_HTTP_HOST": "127.0.0.1"}
    return Part(name, f"services.{name}", f"http://127.0.0.1:{port}/ready", environment=given)


def port_or_free(wanted: int) -> int:
    """This port, or any free one when another program has it."""
    if wanted:
        try:
            require_free(wanted)
        except EmbeddedError:
            return free_port()
        return wanted
    return free_port()
