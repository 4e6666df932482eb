"""The golden cases, read from their files, and the chain that answers them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson
import yaml

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from tests.policy.judge import Answer

GOLDEN = Path(__file__).resolve().parent / "golden"
# Golden complaints say when they came; whatever does not, came now.
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Variant:
    """One complaint and what is owed to its writer."""

    id: str
    file: str
    submitted: Answer
    history: Sequence[Answer] = ()
    expect: Answer = field(default_factory=dict)
    same_as: str | None = None

    @property
    def line(self) -> bytes:
        """The line that `explain` is given."""
        return orjson.dumps({"id": self.id, "history": list(self.history), **self.submitted})


@cache
def variants() -> dict[str, Variant]:
    """Every variant of every file, by id."""
    found = [
        Variant(file=path.stem, **each)
        for path in sorted(GOLDEN.glob("*.yaml"))
        for each in yaml.safe_load(path.read_text(encoding="utf-8"))["variants"]
    ]
    by_id = {variant.id: variant for variant in found}
    if len(by_id) != len(found):
        message = "an id stands twice among the golden variants"
        raise ValueError(message)
    return by_id


@cache
def standing_rules() -> Answer:
    """What holds for every notice."""
    text = (GOLDEN / "standing" / "every_notice.yaml").read_text(encoding="utf-8")
    rules: Answer = yaml.safe_load(text)
    return rules


@cache
def answer(variant_id: str) -> Answer:
    """What the chain makes of a variant."""
    return explain_raw(variants()[variant_id].line, parts(), now=NOW)[0]
