"""The container engine: what it says, whether it is there, and which ports are free."""

import subprocess

from shared.embedded.probe import free_port

CALL_S_MAX = 300.0
IMAGES = ("python:3.13-slim-trixie", "apache/kafka:4.2.0", "postgres:17", "maildev/maildev:2.2.1")


def docker(*words: str, given: str = "", timeout_s: float = CALL_S_MAX) -> str:
    """What a docker command says; fails with its words on standard error."""
    done = subprocess.run(
        ["docker", *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )
    assert done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def tried(*words: str) -> "subprocess.CompletedProcess[str]":
    """A docker command that may fail."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)


def why_no_containers() -> str:
    """Why containers cannot run here; empty when they can."""
    try:
        found = tried("version", "--format", "{{.Server.Version}}")
    except FileNotFoundError:
        return "no container engine: there is no docker command"
    if found.returncode != 0:
        return f"no container engine answers: {found.stderr.strip().splitlines()[-1]}"
    missing = [image for image in IMAGES if not _had(image)]
    return f"neither here nor in a registry: {', '.join(missing)}" if missing else ""


def _had(image: str) -> bool:
    """Whether an image is here, or can be fetched."""
    calls = (("image", "inspect", image), ("pull", "--quiet", image))
    return any(tried(*call).returncode == 0 for call in calls)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)
