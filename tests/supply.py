"""Where what we run comes from: locks, licences, what was yanked, what is known to be vulnerable.

`tests/core/test_supply.py` holds what can be known offline. `python -m tests.supply` asks the index
and the advisories through their ordinary clients, each first about a version that is known to be
bad: only if that one is reported does the verdict on our locks count.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("services", "extras", "run", "quality", "bench", "dev")
# Yanked by its makers in 2021: "installable but not importable on Python 3.4".
YANKED = "attrs==21.1.0"
# CVE-2014-1402 and many since.
VULNERABLE = "jinja2==2.4.1"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
CLIENT_S_MAX = 300
KEPT = "yes"


class Locked(NamedTuple):
    """One entry of a lock. `marker`: on which systems, "" on all."""

    name: str
    version: str
    hashes: int
    marker: str = ""

    @property
    def pin(self) -> str:
        """The line that asks for it, without its hashes."""
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "") + "\n"


def lock_text(name: str) -> str:
    """The lock of this name."""
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def entries(text: str) -> Iterator[Locked]:
    """What a lock names; raises ValueError for a line that pins nothing."""
    for line in text.replace("\\\n", " ").splitlines():
        said = line.partition("#")[0].strip()
        if not said:
            continue
        if said.startswith("-"):
            raise ValueError(f"an option in a lock: {said}")
        wanted = Requirement(said.partition("--hash")[0].strip())
        pins = list(wanted.specifier)
        if wanted.url or [pin.operator for pin in pins] != ["=="] or "*" in pins[0].version:
            raise ValueError(f"not pinned: {said[:80]}")
        hashes, marker = len(HASH.findall(said)), str(wanted.marker or "")
        yield Locked(canonicalize_name(wanted.name), pins[0].version, hashes, marker)


def wanted_by(extras: tuple[str, ...]) -> set[str]:
    """What pyproject.toml asks for, by name: the services', and these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    asked = [*project["dependencies"], *(each for extra in extras for each in optional[extra])]
    names = {str(canonicalize_name(Requirement(each).name)) for each in asked}
    return names - {"kulanse"}


def licences() -> dict[str, dict[str, object]]:
    """`requirements/licences.yaml`."""
    text = (ROOT / "requirements" / "licences.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, object]] = yaml.safe_load(text)
    return found


def licence_of(package: Distribution, means: dict[str, object]) -> str:
    """The SPDX expression that a package's metadata comes to; "" when it says nothing."""
    metadata = package.metadata.json
    said = metadata.get("license_expression")
    if said:
        return str(said)
    classified = [
        str(line).rpartition(" :: ")[2]
        for line in metadata.get("classifier") or ()
        if str(line).startswith("License ::") and not str(line).endswith("OSI Approved")
    ]
    words = classified or [str(metadata.get("license") or "").partition("\n")[0].strip()]
    # Several classifiers may be a choice or all at once: all of them must be allowed.
    return " AND ".join(str(means.get(word, word)) for word in words if word)


def licence_in_lock(each: Locked, rules: dict[str, dict[str, object]]) -> str:
    """The licence of a package as installed here, else as read by hand; "" when nobody has."""
    try:
        return licence_of(distribution(each.name), rules["means"])
    except PackageNotFoundError:
        read = rules["elsewhere"].get(each.name)
    known = isinstance(read, dict) and each.version in read["versions"]
    return str(read["licence"]) if isinstance(read, dict) and known else ""


def off_the_list(lock: str, rules: dict[str, dict[str, object]], *, named: str = "") -> list[str]:
    """What of this lock's text may not be kept, each with its licence. `named`: the lock's name."""
    known = set(rules["allowed"])
    return [
        f"{each.name}=={each.version} {said or 'licence unknown'}"
        for each in entries(lock)
        if not _excepted(each.name, rules, named=named)
        and not allowed(said := licence_in_lock(each, rules), known)
    ]


def _excepted(name: str, rules: dict[str, dict[str, object]], *, named: str) -> bool:
    exception = rules["excepted"].get(name)
    return isinstance(exception, dict) and named in exception["locks"]


def allowed(expression: str, known: set[str]) -> bool:
    """Whether an SPDX expression can be kept with the licences known: OR is a choice."""
    while inner := re.search(r"\(([^()]*)\)", expression):
        word = KEPT if _flat(inner[1], known) else "no"
        expression = expression.replace(inner[0], word)
    return _flat(expression, known)


def _flat(expression: str, known: set[str]) -> bool:
    choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
    return any(all(word.strip() in {*known, KEPT} for word in choice) for choice in choices)


def yanked(pins: str) -> list[str]:
    """Which of these pins the index says are yanked; raises when the index does not answer."""
    options = ("--no-deps", "--no-header", "--universal", "--python-version", "3.11")
    said = _asked("uv", "pip", "compile", *options, pins=pins)
    if said.returncode:
        raise ConnectionError(said.stderr.strip().splitlines()[-1])
    return re.findall(r"`(\S+)` is yanked", said.stderr)


def vulnerable(pins: str) -> list[str]:
    """Which of these pins an advisory names; raises when no source of advisories answers."""
    options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    said = _asked("pip-audit", *options, "--requirement", pins=pins)
    try:
        found = json.loads(said.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        raise ConnectionError("pip-audit said nothing that can be read") from None
    return [
        f"{each['name']}=={each['version']} {advisory['id']}"
        for each in found
        for advisory in each.get("vulns", ())
    ]


def _asked(client: str, *words: str, pins: str) -> "subprocess.CompletedProcess[str]":
    with TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text(pins, encoding="utf-8")
        command = [str(Path(sys.executable).parent / client), *words, str(path)]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=CLIENT_S_MAX
        )


Ask = Callable[[str], list[str]]


def verdict(ask: Ask, planted: str, *, pins: str) -> list[str] | None:
    """What is wrong with our pins; None when the planted one is not reported, so nobody knows."""
    try:
        if not ask(f"{planted}\n"):
            return None
        return ask(pins)
    except (ConnectionError, OSError, subprocess.TimeoutExpired):
        return None


def main() -> int:
    """Ask about every lock; 1 when something is yanked or vulnerable."""
    locked = {each.pin for name in LOCKS for each in entries(lock_text(name))}
    pins = "".join(sorted(locked))
    bad = 0
    for what, ask, planted, unknown in (
        ("yanked", yanked, YANKED, "yanked: not asked: the index does not tell"),
        ("vulnerable", vulnerable, VULNERABLE, "not audited: no advisory source"),
    ):
        found = verdict(ask, planted, pins=pins)
        if found is None:
            print(unknown)
        else:
            print(f"{what}: {', '.join(found) or 'none'} of {pins.count('==')} locked")
            bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
