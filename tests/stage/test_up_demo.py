"""`kulanse up --demo 50 --exit --json`: from door to mail, counted, with nothing left behind."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

_ROOT = Path(__file__).resolve().parents[2]
_S_MAX = 480.0  # half a minute on two quiet cores; the demo's own deadline comes first
# Words of complaints and names of complainants: no log may ever hold one.
_CANARIES = ("kakeformen", "Ingunn", "ingunn.fossmo", "Svartdal", "brannsår", "Reidun", "juling")
_ENDS = ("settled", "answered", "rejected", "payout_pending", "with_people")


@dataclass(frozen=True)
class Demo:
    """One run: what it printed, its exit code, what it left."""

    counts: dict[str, float]
    code: int
    stdout: str
    stderr: str
    state_dir: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, once for all tests here."""
    state_dir = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "services", "up", "--demo", "50", "--exit", "--json"]
    ports = ["--port", "0", "--intake-port", "0", "--desk-port", "0"]
    done = subprocess.run(
        [*command, "--state-dir", str(state_dir), *ports],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=_S_MAX,
        check=False,
    )
    lines = done.stdout.splitlines()
    counts = orjson.loads(lines[-1]) if lines else {}
    return Demo(counts, done.returncode, done.stdout, done.stderr, state_dir)


def test_it_balances(demo: Demo) -> None:
    """A complaint would be lost, or an effect happen twice, and nobody would see it."""
    counts = demo.counts
    assert (demo.code, demo.stderr) == (0, demo.stderr), demo.stderr[-2000:]
    assert counts["registered"] == sum(counts[end] for end in _ENDS)
    assert counts["submitted"] == sum(
        counts[each] for each in ("registered", "duplicates", "dead_letters")
    )
    assert (counts["lost"], counts["double_effects"]) == (0, 0)


def test_what_was_sent_is_what_is_counted(demo: Demo) -> None:
    """Duplicates would count as complaints, or a broken one would disturb the others."""
    counts = demo.counts
    assert (counts["registered"], counts["triaged"], counts["notified"]) == (50, 50, 50)
    assert (counts["duplicates"], counts["dead_letters"]) == (4, 1)


def test_people_did_their_part(demo: Demo) -> None:
    """The demo would not show that a person may say no, and that money waits for finance."""
    assert demo.counts["rejected"] == 1
    assert demo.counts["settled"] > 0
    said = re.search(r"simulated-team-lead signed (\d+) and refused (\d+)", demo.stderr)
    assert said is not None
    assert (int(said[1]) > 0, int(said[2])) == (True, 1)
    assert "Waits for a person" in demo.stderr


@pytest.mark.parametrize(
    ("said", "at_least"),
    [
        ("safety or legal", 3),
        ("threats", 2),
        ("users", 5),
        ("nynorsk", 10),
        ("above the automatic limit", 5),
    ],
)
def test_the_fifty_are_varied(demo: Demo, said: str, at_least: int) -> None:
    """The demo would look good by leaving out what is hard."""
    line = next(each for each in demo.stderr.splitlines() if each.startswith("Among them"))
    part = next(each for each in line.removeprefix("Among them: ").split(", ") if said in each)
    assert int(part.split()[0]) >= at_least, line


def test_the_messages_lie_in_the_outbox(demo: Demo) -> None:
    """The complainants would have heard nothing, whatever the counts say."""
    written = [path for path in (demo.state_dir / "outbox").rglob("*") if path.is_file()]
    assert len(written) >= demo.counts["notified"]


def test_no_traceback_and_nothing_personal_in_what_is_logged(demo: Demo) -> None:
    """A log would show a complaint, or a person a traceback."""
    logs = {path.name: path.read_text() for path in (demo.state_dir / "logs").glob("*.log")}
    assert logs
    everything = {**logs, "stdout": demo.stdout, "stderr": demo.stderr}
    assert [n for n, text in everything.items() if "Traceback" in text] == []
    assert [(n, c) for n, text in everything.items() for c in _CANARIES if c in text] == []
