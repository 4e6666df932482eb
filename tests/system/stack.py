"""A whole installation in containers, as whoever runs `docker compose` has it, seen from outside.

A project of its own name, ports of its own, an env file of its own: nothing that already runs on
this machine is touched, and everything is taken down again.
"""

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.system.engine import CALL_S_MAX, docker, free_ports, tried, why_no_containers

ROOT = Path(__file__).resolve().parents[2]
BASE, DEV = "docker-compose.yml", "compose.dev.yaml"
PORTS = ("INTAKE", "DESK", "KAFKA", "POSTGRES", "MAILDEV", "PROMETHEUS", "GRAFANA")
STAGES = ("intake", "triage", "recovery", "notify", "desk")
DOORS = ("intake-door", "desk-door")
KEEPERS = ("kafka", "postgres")
RUNNING = (*KEEPERS, *STAGES, *DOORS)
PARTITIONS = 4  # as `kulanse up`: sooner assigned than twelve
KILL_ALL = "import os; os.kill(-1, 9)"
LOOK_S = 0.3


@dataclass(slots=True)
class Stack:
    """An installation. `files`: the compose files of every call from now on."""

    name: str
    env_file: Path
    ports: dict[str, int]
    files: tuple[str, ...] = (BASE,)

    def compose(self, *words: str, given: str = "", timeout_s: float = CALL_S_MAX) -> str:
        """`docker compose …` of this installation."""
        files = [word for file in self.files for word in ("-f", str(ROOT / file))]
        place = ["--project-directory", str(ROOT), "--env-file", str(self.env_file)]
        return docker(
            "compose", "-p", self.name, *place, *files, *words, given=given, timeout_s=timeout_s
        )

    def up(self, *words: str) -> float:
        """Bring it up and wait until all is healthy; the seconds it took."""
        began_s = time.monotonic()
        self.compose("up", "--detach", "--wait", "--no-build", *words)
        return time.monotonic() - began_s

    def down(self) -> None:
        """Take it down, data and all."""
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5", "--remove-orphans")

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers, those that ended too."""
        return self.compose("ps", "--all", "--quiet", service).split()

    def inspect(self, service: str, form: str) -> list[str]:
        """What the engine knows of a service's containers, a line each."""
        return docker("inspect", "-f", form, *self.containers(service)).splitlines()

    def python(self, service: str, script: str) -> str:
        """Run Python inside a running container of a service."""
        return self.compose("exec", "-T", service, "python", "-c", script).strip()

    def kulanse(self, *words: str, given: str = "") -> str:
        """The command, as its users call it: in a container of its own."""
        return self.compose("run", "--rm", "-T", "--no-deps", "kulanse", *words, given=given)

    def logs(self, *services: str) -> str:
        """The last lines of each."""
        return self.compose("logs", "--no-color", "--tail", "60", *services)

    def kill(self, service: str) -> None:
        """End every process in its container but the first, as a crash would: no goodbye."""
        words = ("bash", "-c", "kill -9 -1") if service in KEEPERS else ("python", "-c", KILL_ALL)
        tried("exec", self.containers(service)[0], *words)

    def healthy(self, services: Iterable[str], *, within_s: float = 120.0) -> float:
        """Wait until these are healthy; the seconds it took."""
        began_s = time.monotonic()
        waiting = set(services)
        while waiting:
            waiting = {name for name in waiting if not self._is_healthy(name)}
            assert time.monotonic() - began_s < within_s, self.logs(*waiting)
            time.sleep(LOOK_S if waiting else 0)
        return time.monotonic() - began_s

    def _is_healthy(self, service: str) -> bool:
        found = self.inspect(service, "{{.State.Running}} {{.State.Health.Status}}")
        return set(found) == {"true healthy"}

    def settings(self, state_dir: Path) -> Settings:
        """How a process on the host meets it; with `compose.dev.yaml` only."""
        return Settings(
            bootstrap=f"127.0.0.1:{self.ports['KAFKA']}",
            database_url=self.database_url("ops"),
            partitions=PARTITIONS,
            state_dir=state_dir,
            intake_port=self.ports["INTAKE"],
            desk_port=self.ports["DESK"],
        )

    def secret(self, folder: str, name: str) -> str:
        """What lies in a volume of secrets."""
        volume = f"{self.name}_secrets-{folder}:/s:ro"
        words = ["run", "--rm", "-v", volume, "--entrypoint", "python", "kulanse/ops:dev", "-c"]
        return docker(*words, f"print(open('/s/{name}').read())").strip()

    def database_url(self, login: str) -> str:
        """The address of Postgres for a login, as the host reaches it."""
        inside = self.secret(login, "database_url")
        return inside.replace("postgres:5432", f"127.0.0.1:{self.ports['POSTGRES']}")

    def memory_mib(self) -> dict[str, float]:
        """What each container holds, by service."""
        names = {id_: service for service in RUNNING for id_ in self.containers(service)}
        form = "{{.ID}} {{.MemUsage}}"
        said = docker("stats", "--no-stream", "--no-trunc", "--format", form, *names).splitlines()
        return {names[line.split()[0]]: _mib(line.split()[1]) for line in said}

    def published(self) -> set[tuple[str, int]]:
        """Address and port of all that its containers publish on the host."""
        found = set()
        for id_ in self.compose("ps", "--quiet").split():
            ports = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Ports}}", id_))
            for bound in ports.values():
                found |= {(each["HostIp"], int(each["HostPort"])) for each in bound or ()}
        return found


def _mib(said: str) -> float:
    """`docker stats` writes 82.54MiB, or 1.2GiB."""
    return float(said[:-3]) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[said[-3:]]


@contextmanager
def installation(folder: Path, *files: str, knobs: Sequence[str] = ()) -> Iterator[Stack]:
    """An installation of its own, not started yet; taken down at the end. Skips without engine."""
    why = why_no_containers()
    if why:
        pytest.skip(why)
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    given = folder / "given"
    given.mkdir(mode=0o755)
    lines = [f"KULANSE_{name}_PORT={port}" for name, port in ports.items()]
    lines += [f"KULANSE_PARTITIONS={PARTITIONS}", f"KULANSE_SECRETS={given}", *knobs]
    env_file = folder / "env"
    env_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    name = f"kulanse-test-{os.getpid()}-{secrets.token_hex(2)}"
    stack = Stack(name, env_file, ports, files or (BASE,))
    try:
        yield stack
    except BaseException:
        (folder / "logs").write_text(stack.logs(), encoding="utf-8")
        raise
    finally:
        stack.down()
