"""What the fits share: the words of a text as triage sees them, folds, and writing a table."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
import yaml

from benchmarks.quality.sets import ROOT, SEED, folder
from services.triage.language import Language
from services.triage.policy import Rules
from services.triage.tokens import tokens_of
from services.triage.weights import Weights

POLICY = ROOT / "deploy" / "policy"
WEIGHTS = POLICY / "weights"
FOLDS = 5
T = TypeVar("T")


def data() -> Path:
    """The folder of the sets; raises FileNotFoundError without it."""
    where = folder()
    if where is None:
        raise FileNotFoundError("no labelled sets here: name their folder in KULANSE_TRIAGE_DATA")
    return where


def languages() -> dict[str, Language]:
    """Our own word lists, by language."""
    files = sorted((POLICY / "languages").glob("*.yaml"))
    return {file.stem: Language.model_validate(_yaml(file)) for file in files}


def other_words() -> dict[str, tuple[str, ...]]:
    """Words of languages that we do not write in, by language."""
    rules = Rules.model_validate(_yaml(POLICY / "triage.yaml"))
    return rules.written_form.other_words


def _yaml(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def words_of(text: str) -> list[str]:
    """The words that tell: no numbers, no marks."""
    return [w for w in tokens_of(text, frozenset()).words if w and not w[0].isdigit()]


def folds(rows: Sequence[T]) -> Iterator[tuple[list[T], list[T]]]:
    """Five times: what to fit on, and what to judge by; the same each run."""
    shuffled = random.Random(SEED).sample(list(rows), len(rows))
    for fold in range(FOLDS):
        judged = shuffled[fold::FOLDS]
        yield [row for at, row in enumerate(shuffled) if at % FOLDS != fold], judged


def write(name: str, weights: Weights) -> None:
    """Write the table where triage reads it."""
    WEIGHTS.mkdir(exist_ok=True)
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE  # a line a part, so that git can tell
    (WEIGHTS / f"{name}.json").write_bytes(orjson.dumps(weights.model_dump(), option=options))
