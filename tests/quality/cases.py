"""The quality cases, read from tests/quality/data: what was written, and what must hold."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Case:
    """One text and what is expected of it; data/README.md tells the fields."""

    file: str
    id: str
    submitted: Mapping[str, object]
    expect: Mapping[str, Mapping[str, object]]
    note: str
    # Told to vary with: this case has the severity and the value of that one.
    same_as: str | None = None
    # The same matter in another written form has the same name here.
    matter: str | None = None
    history: Sequence[Mapping[str, object]] = ()
    # What is varied, told or meant: for counting, never compared.
    varied: str | None = None
    theme: str | None = None
    told: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the writer of the rules may read it: half of the cases; the others stay unseen.

        Cases that are compared with each other are in the same half.
        """
        return zlib.crc32((self.matter or self.same_as or self.id).encode()) % 2 == 0

    @property
    def line(self) -> bytes:
        """The line that `kulanse explain --jsonl` is given."""
        return orjson.dumps({"id": self.id, "history": self.history, **self.submitted})

    @property
    def written_forms(self) -> tuple[object, ...]:
        """The written forms that would be right; both Norwegian ones where the text fits both."""
        expected = self.expect.get("triage", {}).get("written_form", ())
        if expected is None:
            return ("nb", "nn")
        return tuple(expected) if isinstance(expected, list) else (expected,)


@cache
def cases(name: str) -> tuple[Case, ...]:
    """The cases of one file, by its name without ending."""
    lines = (DATA / f"{name}.jsonl").read_bytes().splitlines()
    return tuple(Case(file=name, **orjson.loads(line)) for line in lines)


@cache
def names() -> tuple[str, ...]:
    """The files there are."""
    return tuple(sorted(path.stem for path in DATA.glob("*.jsonl")))


@cache
def every_case() -> Mapping[str, Case]:
    """All cases by id; raises ValueError when an id stands twice."""
    found = [case for name in names() for case in cases(name)]
    by_id = {case.id: case for case in found}
    if len(by_id) != len(found):
        raise ValueError("an id stands twice among the quality cases")
    return by_id
