"""People at the command line, as they type it: the guide's day, and what the desk refuses."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.people import ROOT, Person, Said, busy, within, written

GUIDE = ROOT / "docs" / "guides" / "people.md"
# The complaint of the demo that each part of the guide is about.
ABOUT = {
    "Your own token": "",
    "What waits": "",
    "Read, take, answer, close": "d28",
    "Ask": "d04",
    "Decide": "d24",
    "Hand over": "d13",
    "Do something in the world": "d50",
    "Sign": "d08",
    "Do not sign": "d43",
    "It was not finished after all": "d28",
}
REFUSED_ONLY = "d35"
SETTLED_S_MAX = 90.0
LOG_CHARS = 4_000  # of notify's last words, where nothing was written
CLOSED = "kulanse.case.closed.v1"


@dataclass(frozen=True)
class Typed:
    """One command of the guide, as it was typed, and what came of it."""

    part: str
    words: tuple[str, ...]
    said: Said


@dataclass(frozen=True)
class Day:
    """Who works, the complaints by the demo's ids, and the guide's commands in order."""

    eik: Person
    complaints: dict[str, str]
    typed: tuple[Typed, ...]


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Person, dict[str, str]]]:
    """An installation with the guide's complaints, each of which waits for a person."""
    folder = tmp_path_factory.mktemp("desk")
    with busy(folder, wanted={*ABOUT.values(), REFUSED_ONLY} - {""}) as found:
        yield found


def test_every_command_of_the_guide_works(day: Day) -> None:
    """A handler would learn commands that are refused."""
    failed = [(t.part, t.words, t.said) for t in day.typed if t.said.code]
    assert failed == []
    assert {t.part for t in day.typed} == set(ABOUT)


def test_every_verb_for_people_is_in_the_guide(day: Day) -> None:
    """A verb would be there that nobody is told about, or proved by nothing."""
    listed = subprocess.run(
        [sys.executable, "-m", "services", "cases", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    verbs = set(re.findall(r"^  ([a-z-]+) ", listed.stdout.partition("Commands:")[2], re.MULTILINE))
    assert verbs == {t.words[1] for t in day.typed if t.words[0] == "cases"}


def test_the_guides_day_ends_with_nothing_waiting(day: Day) -> None:
    """Some kind of case could be taken and answered, but never finished."""
    left = [row for row in day.eik.cases() if row.case_id != _case(day, REFUSED_ONLY)]
    assert (left, day.eik.approvals()) == ([], ())


def test_who_closed_a_case_stands_in_it(day: Day) -> None:
    """Nobody could be asked why a case was closed."""
    closers = {
        name: {
            line.by for line in day.eik.case(id_).timeline if line.type == CLOSED and line.effect
        }
        for name, id_ in day.complaints.items()
    }
    signed = {"d08", REFUSED_ONLY}  # one needed a signature only, one is for the refusals
    assert {n for n, by in closers.items() if by == {"manager-eik"}} == set(closers) - signed


def test_the_complainants_read_what_was_written(day: Day) -> None:
    """A reply, a question or a decision would stay at the desk."""
    texts = [t.words[t.words.index("--text") + 1] for t in day.typed if "--text" in t.words]
    none: list[str] = []

    def unread() -> list[str]:
        out = written(day.eik.state_dir)
        return [text for text in texts if text not in out]

    left = within(SETTLED_S_MAX, unread, wanted=none)
    log = day.eik.state_dir / "logs" / "notify.log"
    assert left == none, log.read_text("utf-8", "replace")[-LOG_CHARS:]
    assert texts


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("close", "CASE"), "not_owner", "Take the case first"),
        (("reply", "CASE", "--text", "Hei"), "not_owner", "Take the case first"),
        (("take", "CASE", "--seen-version", "7"), "stale_version", "changed"),
        (("hand-over", "CASE", "nobody-here"), "not_allowed", "people.yaml"),
        (("reopen", "CASE"), "not_open", "not closed"),
        (("take", "no-such-case"), "no_such_case", "cases list"),
        (("done", "no-such-task"), "no_such_task", "cases show"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    at_work: tuple[Person, dict[str, str]], words: tuple[str, ...], code: str, hint: str
) -> None:
    """A handler would not know what to do instead, or do it to a case she has not seen."""
    eik, complaints = at_work
    said = eik.says("cases", *(complaints[REFUSED_ONLY] if w == "CASE" else w for w in words))
    assert (said.code, said.out, said.error["code"]) == (1, "", code)
    assert hint in said.error["hint"]


def test_what_is_not_answered_is_not_closed(at_work: tuple[Person, dict[str, str]]) -> None:
    """A case could be put away with nobody having said a word to the complainant."""
    eik, complaints = at_work
    bjork = eik.colleague("agent-bjork")
    bjork.does("cases", "take", complaints[REFUSED_ONLY])
    typed = bjork.types("cases", "close", complaints[REFUSED_ONLY])
    assert (typed.code, typed.out) == (1, "")
    assert "reply or decide first, then close. [not_allowed]" in typed.err
    assert eik.case(complaints[REFUSED_ONLY]).state == "open"


def test_nobody_is_nobody(at_work: tuple[Person, dict[str, str]], tmp_path: Path) -> None:
    """Whoever reaches the desk could read complaints, and close them in no name."""
    eik, complaints = at_work
    shutil.copy(eik.state_dir / "running.json", tmp_path)
    case_id, url = complaints[REFUSED_ONLY], _desk_url(eik)
    assert _refusal(Person(tmp_path), "cases", "list") == (3, "no_credential")
    assert _refusal(Person(eik.state_dir, "kulanse_person_x"), "cases", "list") == (1, "no_token")
    assert _refusal(Person(eik.state_dir, "æ"), "cases", "close", case_id) == (1, "bad_credential")
    assert httpx.get(f"{url}/v1/cases", trust_env=False).status_code == 401
    assert httpx.post(f"{url}/v1/cases/{case_id}/close", trust_env=False).status_code == 401


def _refusal(who: Person, *words: str) -> tuple[int, str]:
    said = who.says(*words)
    assert said.out == ""
    return said.code, said.error["code"]


def _desk_url(eik: Person) -> str:
    return str(json.loads((eik.state_dir / "running.json").read_bytes())["desk_url"])


def _case(day: Day, name: str) -> str:
    return day.eik.case(day.complaints[name]).case_id


@pytest.fixture(scope="module")
def day(at_work: tuple[Person, dict[str, str]]) -> Day:
    """The whole guide from top to bottom: each verb once in a process of its own, as typed."""
    eik, complaints = at_work
    typed: list[Typed] = []
    for part, words in _commands():
        complaint_id = complaints.get(ABOUT[part], "")
        meant = tuple(_meant(word, eik, complaint_id=complaint_id) for word in words)
        again = meant[:2] in {each.words[:2] for each in typed}
        said = eik.says(*meant) if again else eik.types(*meant)
        typed.append(Typed(part, meant, said))
        if meant[:2] == ("cases", "ask"):
            _answers(eik, complaint_id)
        if meant[:2] == ("approvals", "reject"):
            _await_needed(eik, complaint_id)
    return Day(eik, complaints, tuple(typed))


def _commands() -> Iterator[tuple[str, list[str]]]:
    """The guide's parts and commands, in order."""
    part = ""
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        part = line.removeprefix("## ") if line.startswith("## ") else part
        if line.startswith("$ kulanse "):
            yield part, shlex.split(line)[2:]


def _meant(word: str, eik: Person, *, complaint_id: str) -> str:
    """The word with the id that it stands for."""
    if not complaint_id or not re.search("CASE|TASK|RECOVERY|PAYMENT", word):
        return word
    case = eik.case(complaint_id)
    payments = (g.payment_reference for r in case.recoveries for g in r.now.gestures)
    stands = {
        "CASE": case.case_id,
        "TASK": next((task.task_id for task in case.tasks), ""),
        "RECOVERY": next((each.recovery_id for each in case.waiting_approvals), ""),
        "PAYMENT": next((found for found in payments if found), ""),
    }
    return re.sub("CASE|TASK|RECOVERY|PAYMENT", lambda found: stands[found[0]], word)


def _answers(eik: Person, complaint_id: str) -> None:
    """The complainant answers what she was asked, by the reference in our mail."""
    registered = eik.case(complaint_id).complaints[0].registered
    assert registered is not None
    reply = {
        "channel": "web",
        "channel_message_id": "an-answer",
        "complainant": {"email": "terje.holmsveen@example.com"},
        "subject": f"Re: [K-{complaint_id[:8].upper()}]",
        "text": "Det står 44821 på esken.",
    }
    eik.does("send", json.dumps(reply))
    _await_needed(eik, complaint_id)


def _await_needed(eik: Person, complaint_id: str) -> None:
    def needed() -> bool:
        case = eik.case(complaint_id)
        return case.needs_person and case.state == "open"

    assert within(SETTLED_S_MAX, needed, wanted=True)
