"""The golden cases, read from their files, and the chain that answers them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson
import yaml

from services.cli.explaining import explain_raw
from services.cli.stages import parts

GOLDEN = Path(__file__).resolve().parent / "golden"
# Golden complaints say when they came; whatever does not, came now.
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Variant:
    """One complaint and what is owed to its writer."""

    id: str
    file: str
    submitted: dict
    history: list = field(default_factory=list)
    expect: dict = field(default_factory=dict)
    same_as: str | None = None

    @property
    def line(self) -> bytes:
        """The line that `explain` is given."""
        return orjson.dumps({"id": self.id, "history": self.history, **self.submitted})


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
def standing_rules() -> dict:
    """What holds for every notice."""
    text = (GOLDEN / "standing" / "every_notice.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def answer(variant_id: str) -> dict:
    """What the chain makes of a variant."""
    return explain_raw(variants()[variant_id].line, parts(), NOW)[0]
