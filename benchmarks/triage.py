"""What a reading costs on one core: `python -m benchmarks.triage`.

Complaints of about a hundred words, made of the demo's, through the whole core of triage: all
signals, statement and promises. The machine's other work shows in it; compare runs side by side.
"""

import statistics
import time
from pathlib import Path

import yaml

from benchmarks.quality.reading import read
from benchmarks.quality.sets import Row
from services.triage.policy import TriagePolicy, load

DEMO = Path(__file__).resolve().parent.parent / "deploy" / "demo" / "complaints.yaml"
WORDS = 100
ROUNDS = 30


def main() -> None:
    """Print milliseconds a complaint: of the first round, whose words are new, and of the rest."""
    policy, _ = load()
    rows = _rows()
    spent = [_round_ms(rows, policy) for _ in range(ROUNDS)]
    words = statistics.mean(len(row.text.split()) for row in rows)
    print(f"{len(rows)} complaints of {words:.0f} words, ms each on one core")
    print(f"first {spent[0]:.3f}  median {statistics.median(spent):.3f}  least {min(spent):.3f}")


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
