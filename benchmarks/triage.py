"""What a reading costs on one core: `python -m benchmarks.triage`.

Complaints of about a hundred words, made of the demo's, through the whole core of triage: all
signals, statement and promises. The machine's other work shows in it; compare runs side by side.
With `--memory N`, what the process has taken at most, after each quarter of N different complaints.
"""

import random
import resource
import statistics
import string
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.quality.reading import read
from benchmarks.quality.sets import Row
from services.triage.policy import TriagePolicy, load

DEMO = Path(__file__).resolve().parent.parent / "deploy" / "demo" / "complaints.yaml"
WORDS = 100
ROUNDS = 30
MEMORY = "--memory"
SEED = 5
# New words a text, so that every table of words is full long before the end.
NEW_WORDS = 8
LETTERS = 7


def main() -> None:
    """Print milliseconds for a hundred words, or megabytes."""
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
    drawn, texts = random.Random(SEED), [row.text.split() for row in _rows()]
    for at in range(count):
        new = ["".join(drawn.choices(string.ascii_lowercase, k=LETTERS)) for _ in range(NEW_WORDS)]
        first = drawn.randrange(WORDS)
        said = texts[at % len(texts)][first : first + NEW_WORDS]
        yield Row(str(at), " ".join((*said, *new)), "", "", {})


def _speed() -> None:
    """Of the first round, whose words are new, and of the rest."""
    policy, _ = load()
    rows = _rows()
    spent = [_round_ms(rows, policy) for _ in range(ROUNDS)]
    words = statistics.mean(len(row.text.split()) for row in rows)
    first, median, least = (
        100 / words * ms for ms in (spent[0], statistics.median(spent), min(spent))
    )
    print(f"{len(rows)} complaints of {words:.0f} words; ms of one core for a hundred words")
    print(f"first {first:.3f}  median {median:.3f}  least {least:.3f}")


def _round_ms(rows: list[Row], policy: TriagePolicy) -> float:
    began = time.process_time()
    for row in rows:
        read(row, policy)
    return (time.process_time() - began) / len(rows) * 1000


def _rows() -> list[Row]:
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
