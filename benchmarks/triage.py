"""What a reading costs on one core: `python -m benchmarks.triage`.

Complaints of about a hundred words (`complaints.yaml`, and the demo's strung together) through the
whole core of triage: all signals, then grade, statement and promises. Each text's least CPU time of
many runs counts, since the machine's other work shows in every other one. `parts`: what each signal
takes of it by the profiler, which makes calls look dearer than they are.
With `--memory N`, what the process has taken at most, after each quarter of N different complaints.
"""

import cProfile
import gc
import json
import pstats
import random
import resource
import statistics
import string
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.quality.reading import read, registered
from benchmarks.quality.sets import Row
from services.triage.core import decide
from services.triage.findings import findings_of
from services.triage.grading import graded
from services.triage.policy import TriagePolicy, load
from services.triage.signals.reading import reading_of
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered
from shared.stage.decision import History

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "deploy" / "demo" / "complaints.yaml"
WORDS = 100
ROUNDS = 100
MEMORY = "--memory"
SEED = 5
# New words a text, so that every table of words is full long before the end.
NEW_WORDS = 8
LETTERS = 7
# Whose callees are the parts of a reading, and are not parts themselves.
WHOLES = ("_read", "reading_of", "findings_of", "triaged")


def main() -> None:
    """Print microseconds for a hundred words, by kind of text, then JSON; or megabytes."""
    if MEMORY in sys.argv:
        taken_mb = memory_mb(int(sys.argv[sys.argv.index(MEMORY) + 1]))
        print("MB taken at most, by quarter:", *(f"{mb:.1f}" for mb in taken_mb))
        return
    _speed()


def memory_mb(count: int) -> list[float]:
    """The most that this process has taken after each quarter of so many different complaints."""
    policy, _ = load()
    taken = []
    for at, row in enumerate(_new_rows(count), 1):
        read(row, policy)
        if at % (count // 4) == 0:
            taken.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return taken


def _new_rows(count: int) -> Iterator[Row]:
    """Complaints no two of which are alike: a demo text's words, and some that nobody has seen."""
    drawn, texts = random.Random(SEED), [row.text.split() for row in _demo()]
    for at in range(count):
        new = ["".join(drawn.choices(string.ascii_lowercase, k=LETTERS)) for _ in range(NEW_WORDS)]
        first = drawn.randrange(WORDS)
        said = texts[at % len(texts)][first : first + NEW_WORDS]
        yield Row(str(at), " ".join((*said, *new)), "", "", {})


def _speed() -> None:
    """As in a stage, whose words are known by now and whose collector seldom looks."""
    policy, _ = load()
    kinds = {name: [registered(row) for row in rows] for name, rows in _rows().items()}
    _once(kinds, policy)
    gc.collect()
    gc.freeze()
    told = {name: _costs_us(events, policy) for name, events in kinds.items()}
    print("us of one core for a hundred words; all signals and grade, and the whole decision")
    for name, (signals, whole) in told.items():
        print(f"  {name:5} signals {signals:4.0f}  whole {whole:4.0f}")
    parts = _parts(kinds, policy)
    for name, share in parts.items():
        print(f"  {share:6.1%} {name}")
    print(json.dumps({"us": told, "parts": parts}))


def _once(kinds: dict[str, list[Event[ComplaintRegistered]]], policy: TriagePolicy) -> None:
    for events in kinds.values():
        for event in events:
            decide(event, History(), policy)


def _costs_us(
    events: list[Event[ComplaintRegistered]], policy: TriagePolicy
) -> tuple[float, float]:
    """The signals alone, and the whole."""
    signals, whole = [], []
    for event in events:
        scale = 100 / len(str(event.data.model_dump()["personal"]["text"]).split())
        signals.append(scale * _least_us(event, policy, whole=False))
        whole.append(scale * _least_us(event, policy, whole=True))
    return round(statistics.mean(signals), 1), round(statistics.mean(whole), 1)


def _least_us(event: Event[ComplaintRegistered], policy: TriagePolicy, *, whole: bool) -> float:
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        if whole:
            decide(event, History(), policy)
        else:
            reading = reading_of(event.data, at=event.time, earlier=None, policy=policy)
            graded(findings_of(reading, policy), contact=1, policy=policy)
        spent.append(time.process_time_ns() - began)
    return min(spent) / 1000


def _parts(
    kinds: dict[str, list[Event[ComplaintRegistered]]], policy: TriagePolicy
) -> dict[str, float]:
    """The share of each part in the time of all, the dearest first."""
    profile = cProfile.Profile()
    with profile:
        for _ in range(ROUNDS // 10):
            _once(kinds, policy)
    spent: dict[str, float] = {}
    profiled = pstats.Stats(profile)
    profiled.calc_callees()
    callees_of = vars(profiled)["all_callees"]
    for (file, _, caller), callees in callees_of.items():
        if caller in WHOLES and "triage" in file:
            for (_, _, name), (_, _, _, total) in callees.items():
                if name not in WHOLES:
                    spent[name] = spent.get(name, 0.0) + total
    of_all = sum(spent.values())
    dearest = sorted(spent, key=lambda name: -spent[name])
    return {name: round(spent[name] / of_all, 3) for name in dearest if spent[name] > of_all / 100}


def _rows() -> dict[str, list[Row]]:
    """By kind of text: one matter in each written form, and the demo's many matters at once."""
    written = yaml.safe_load((HERE / "complaints.yaml").read_text(encoding="utf-8"))
    ours = {
        form: [Row(f"{form}-{at}", text, "", "", {}) for at, text in enumerate(texts)]
        for form, texts in written.items()
    }
    return {**ours, "demo": _demo()}


def _demo() -> list[Row]:
    said = [
        str(each["submitted"]["text"]) for each in yaml.safe_load(DEMO.read_text())["complaints"]
    ]
    texts: list[str] = [""]
    for text in said:
        texts[-1] += text + "\n"
        if len(texts[-1].split()) >= WORDS:
            texts.append("")
    return [Row(str(at), text, "", "", {}) for at, text in enumerate(texts[:-1])]


if __name__ == "__main__":
    main()
