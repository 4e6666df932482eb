"""A hundred pairs made of the labelled sets: one report, said calmly and said hotly.

The texts stay where they are (each under its own licence); the pairs are made when they are
judged, the same ones each time. `python -m tests.quality.twins_of_sets` lists what differs.
"""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.quality.sets import SEED, folder, rows_of
from services.cli.explaining import explain_raw
from services.cli.stages import parts
from tests.policy.judge import part
from tests.quality.judge import NOW, value_of

# Longer texts are told by their first sentences.
CHARS_MAX = 1500
# How many pairs of each, a hundred in all: reports of cars in capitals, letters to banks and
# questions to shops, angry posts.
PAIRS = {
    "severity_nhtsa_gm_en": 40,
    "relief_cfpb_en": 20,
    "intent_bitext_en": 20,
    "mood_goemotions_en": 20,
}


class Twins(NamedTuple):
    """The same matter twice."""

    id: str
    calm: str
    hot: str


def _lowered(text: str) -> str:
    return text.lower()


def _calm(text: str) -> str:
    return text.replace("!", ".")


def _shouted(text: str) -> str:
    return text.upper()


def _marked(text: str) -> str:
    return f"{text.rstrip(' .!')}!!! 😡😡"


def _furious(text: str) -> str:
    return f"{text.rstrip(' .!')}!!! THIS IS A DISGRACE!!!"


# A delivered thing that was paid for, so that there is something to give back.
SUBMITTED = {
    "channel": "web",
    "channel_message_id": "twin-of-sets",
    "received_at": "2026-11-16T10:00:00+01:00",
    "complainant": {"name": "Demo", "email": "demo@example.com"},
    "order": {
        "id": "TS-001",
        "sold": "distance",
        "kind": "goods",
        "purchased_at": "2026-11-02T12:00:00+01:00",
        "delivered_at": "2026-11-06T12:00:00+01:00",
        "payments": [
            {
                "reference": "TS-001-pay-1",
                "amount_minor": 49900,
                "currency": "NOK",
                "paid_at": "2026-11-02T12:00:00+01:00",
            }
        ],
    },
}


HOT: tuple[Callable[[str], str], ...] = (_shouted, _marked, _furious)


def twins(where: Path) -> Iterator[Twins]:
    """The pairs: in capitals and in small letters, with and without marks, emoji and anger."""
    chance = random.Random(SEED)
    for name, most in PAIRS.items():
        rows = [row for row in rows_of(name, where) or [] if len(row.text) <= CHARS_MAX]
        rows = [row for row in rows if name != "mood_goemotions_en" or row.label == "angry"]
        for at, row in enumerate(chance.sample(rows, most)):
            capitals = row.text.isupper()
            calm = _lowered(row.text) if capitals else _calm(row.text)
            hot = row.text if capitals else HOT[at % len(HOT)](row.text)
            yield Twins(f"{name} {row.id}", calm, hot)


def differences(where: Path) -> tuple[list[str], list[str], int]:
    """The pairs whose severity, and whose value, differ; and how many pairs there are."""
    severity, value, count = [], [], 0
    for pair in twins(where):
        count += 1
        calm, hot = _answer(pair.calm), _answer(pair.hot)
        steps = [part(one, "triage")["severity"] for one in (calm, hot)]
        sums = [value_of(one) for one in (calm, hot)]
        if steps[0] != steps[1]:
            severity.append(f"{pair.id}: {steps[0]} calm, {steps[1]} hot: {pair.hot[:120]}")
        if sums[0] != sums[1]:
            value.append(f"{pair.id}: {sums[0]} calm, {sums[1]} hot: {pair.hot[:120]}")
    return severity, value, count


def _answer(text: str) -> dict[str, object]:
    submitted = {**SUBMITTED, "text": text}
    given, is_answer = explain_raw(orjson.dumps(submitted), parts(), now=NOW)
    if not is_answer:
        raise RuntimeError(f"{given}")
    return dict(given)


def main() -> int:
    """List every difference."""
    where = folder()
    if where is None:
        sys.stdout.write("the labelled sets are not on this machine (KULANSE_TRIAGE_DATA)\n")
        return 0
    severity, value, count = differences(where)
    sys.stdout.write("\n".join([*severity, *value]) + "\n")
    sys.stdout.write(f"{count} pairs: severity differs in {len(severity)}, value in {len(value)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
