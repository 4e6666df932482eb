"""People at work in a test: an installation that runs, and the command as one of them calls it."""

import email
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import TypeAdapter

from services.__main__ import run
from services.cli.demo.script import script
from services.desk.model import CaseView, QueueRow, WaitingApproval

ROOT = Path(__file__).resolve().parents[1]
READY_S_MAX = 400.0  # half a minute on two quiet cores, a minute and a half with the demo
GONE_S_MAX = 60.0
SETTLED_S_MAX = 120.0
LOOK_S = 0.2
_ROWS = TypeAdapter(tuple[QueueRow, ...])
_WAITING = TypeAdapter(tuple[WaitingApproval, ...])
T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> dict[str, str]:
        """The one error that it told, as an object."""
        (line,) = self.err.splitlines()
        found: dict[str, str] = json.loads(line)["error"]
        return found


@dataclass(frozen=True)
class Person:
    """Somebody at her command line. `token` empty: the one that `up` left beside the ledgers."""

    state_dir: Path
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What her shell adds to ours."""
        token = {"KULANSE_TOKEN": self.token} if self.token else {}
        return {"KULANSE_STATE_DIR": str(self.state_dir), **token}

    def colleague(self, named: str) -> "Person":
        """Somebody else of people.yaml, with a token of her own."""
        return Person(self.state_dir, json.loads(self.does("cases", "token", named))["token"])

    def says(self, *arguments: str) -> Said:
        """One call with --json, in this process: quick, the same way through all our code."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with _environment(self.environment), redirect_stdout(out), redirect_stderr(err):
            code = run([*arguments, "--json"])
        out.flush()
        written = out.detach()
        assert isinstance(written, io.BytesIO)
        return Said(code, written.getvalue().decode(), err.getvalue())

    def does(self, *arguments: str) -> str:
        """A call that must succeed; the JSON that it printed."""
        said = self.says(*arguments)
        assert (said.code, said.err) == (0, ""), (arguments, said)
        return said.out

    def cases(self, *options: str) -> tuple[QueueRow, ...]:
        """The queue."""
        return _ROWS.validate_json(self.does("cases", "list", *options))

    def case(self, named: str) -> CaseView:
        """Everything about a case."""
        return CaseView.model_validate_json(self.does("cases", "show", named))

    def approvals(self) -> tuple[WaitingApproval, ...]:
        """What waits for a signature."""
        return _WAITING.validate_json(self.does("approvals", "list"))

    def waiting(self) -> int:
        """How much lies with people."""
        return len(self.cases()) + len(self.approvals())

    def types(self, *arguments: str, stdin: str = "") -> Said:
        """One call as she types it: a process of its own, and plain text."""
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.environment},
        )
        return Said(done.returncode, done.stdout, done.stderr)


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*wanted, "KULANSE_TOKEN")}
    os.environ.pop("KULANSE_TOKEN", None)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def up(state_dir: Path, *options: str) -> Iterator[Person]:
    """An installation, ready (and its demo over); all of it gone at the end.

    Gives whoever runs it: manager-eik of people.yaml. The upset wait a second for the outcome
    instead of a quarter of an hour: the pause is policy, and a test has no quarter of an hour.
    """
    said = state_dir.parent / f"{state_dir.name}.said"
    hurried = _hurried(state_dir.parent / f"{state_dir.name}.policy")
    ports = ["--port", "0", "--intake-port", "0", "--desk-port", "0"]
    command = [sys.executable, "-m", "services", "up", "--state-dir", str(state_dir)]
    with (
        said.open("wb") as told,
        subprocess.Popen(
            [*command, *ports, *options],
            cwd=ROOT,
            env={**os.environ, "KULANSE_POLICY_DIR": str(hurried)},
            stdout=told,
            stderr=told,
            start_new_session=True,
        ) as process,
    ):
        try:
            _await_ready(process, said)
            pids = json.loads((state_dir / "running.json").read_bytes())["pids"].values()
            yield Person(state_dir)
            process.send_signal(signal.SIGTERM)
            assert process.wait(GONE_S_MAX) == 0, said.read_text()[-2000:]
            assert _left(pids) == []
        finally:
            process.kill()


@contextmanager
def busy(folder: Path, *, wanted: Collection[str]) -> Iterator[tuple[Person, dict[str, str]]]:
    """An installation with these complaints of the demo, each of which waits for a person.

    Gives whoever runs it, and our ids of the complaints by the demo's.
    """
    told = {t.id: t.submitted for t in script(50, datetime.now(UTC)).told if t.id in wanted}
    lines = "\n".join(json.dumps(each) for each in told.values())
    (folder / "complaints.jsonl").write_text(lines, encoding="utf-8")
    with up(folder / "state") as eik:
        answers = eik.does("send", str(folder / "complaints.jsonl")).splitlines()
        ids = (str(json.loads(answer)["complaint_id"]) for answer in answers)
        complaints = dict(zip(told, ids, strict=True))
        waiting = within(SETTLED_S_MAX, eik.waiting, wanted=len(complaints))
        assert waiting == len(complaints)
        yield eik, complaints


def _hurried(folder: Path) -> Path:
    shutil.copytree(ROOT / "deploy" / "policy", folder, dirs_exist_ok=True)
    path = folder / "notify.yaml"
    before = path.read_text(encoding="utf-8")
    after = before.replace("pause_s: 900 ", "pause_s: 1 ")
    assert before != after, "the pause of the upset has another name or length now"
    path.write_text(after, encoding="utf-8")
    return folder


def _await_ready(process: "subprocess.Popen[bytes]", said: Path) -> None:
    deadline_s = time.monotonic() + READY_S_MAX
    while "now yours" not in said.read_text():
        if process.poll() is not None or time.monotonic() > deadline_s:
            pytest.fail(f"not ready: {said.read_text()[-2000:]}")
        time.sleep(LOOK_S)


def _left(pids: Iterable[int]) -> list[int]:
    """Those that still live; a process that has ended but was not waited for does not."""
    alive = []
    for pid in pids:
        with suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            alive += [pid] if state != "Z" else []
    return alive


def written(state_dir: Path) -> str:
    """Everything that went out, in every way, as one text."""
    texts = []
    for path in sorted((state_dir / "outbox").rglob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        plain = mail.get_body(("plain",))
        body = "" if plain is None else plain.get_content()
        texts.append(f"{mail['To']}\n{mail['Subject']}\n{body}")
    return "\n\n".join(texts)


def within(s_max: float, ask: Callable[[], T], *, wanted: T) -> T:
    """What it says at last: as soon as it is what is wanted, else when the time is up."""
    deadline_s = time.monotonic() + s_max
    while (found := ask()) != wanted and time.monotonic() < deadline_s:
        time.sleep(LOOK_S)
    return found
