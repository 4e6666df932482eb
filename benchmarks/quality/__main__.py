"""`make quality`: how well triage reads the labelled sets, by signal and language.

Exit code 1 when a figure is more than a point below its floor, 2 when the sets are not here.
"""

import argparse
import json
import sys

from benchmarks.quality import floors
from benchmarks.quality.judging import Answer, answers
from benchmarks.quality.questions import QUESTIONS
from benchmarks.quality.reading import read
from benchmarks.quality.sets import folder
from services.triage.policy import load

TEXT_SHOWN_CHARS = 150
WORST = 20


def main() -> int:
    """Print the figures; hold them against the floors."""
    given = _given()
    where = folder()
    if where is None:
        print("no labelled sets here: name their folder in KULANSE_TRIAGE_DATA", file=sys.stderr)
        return 2
    policy, digest = load()
    chosen = [question for question in QUESTIONS if given.only in question.name]
    found = answers(chosen, where, read=lambda row: read(row, policy), most=given.most)
    table = floors.table_of(given.most)
    low = floors.dropped(found, floors.kept()[table]) if table else []
    if given.json:
        figures = {answer.name: _plain(answer) for answer in found}
        print(json.dumps({"policy": digest, "figures": figures, "dropped": low}))
    else:
        for answer in found:
            _print(answer, worst=given.worst)
        print("\n".join(f"DROPPED {each}" for each in low) or "no figure below its floor")
    if given.set_floors and table and not given.only:
        floors.write(found, table)
    return 1 if low else 0


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object")
    parser.add_argument("--most", type=int, default=None, help="read at most so many rows a set")
    parser.add_argument(
        "--worst", type=int, default=WORST, help="show so many of the surest errors"
    )
    parser.add_argument("--only", default="", help="only questions whose name holds this")
    parser.add_argument("--set-floors", action="store_true", help="make these figures the floors")
    return parser.parse_args()


def _plain(answer: Answer) -> dict[str, object]:
    classes = {
        c.label: {
            "precision": round(c.precision, 3),
            "recall": round(c.recall, 3),
            "f1": round(c.f1, 3),
            "rows": c.rows,
        }
        for c in answer.classes
    }
    apart = None if answer.apart is None else round(answer.apart, 3)
    return {
        answer.question.measure: round(answer.figure, 3),
        "rows": answer.rows,
        "calibration": apart,
        "classes": classes,
    }


def _print(answer: Answer, *, worst: int) -> None:
    apart = "" if answer.apart is None else f"  calibration {answer.apart:.2f}"
    measure = answer.question.measure
    print(f"{answer.name:46} {measure:11} {answer.figure:.3f}  n {answer.rows}{apart}")
    for c in answer.classes:
        print(f"    {c.label:14} P {c.precision:.2f}  R {c.recall:.2f}  F1 {c.f1:.2f}  n {c.rows}")
    for w in sorted(answer.wrong, key=lambda one: -one.confidence)[:worst]:
        text = " ".join(w.text.split())[:TEXT_SHOWN_CHARS]
        print(f"    {w.confidence:.2f} {w.id}: {w.told}, is {w.true}: {text}")


if __name__ == "__main__":
    sys.exit(main())
