"""What intake would make of each event of a file: taken, refused, or odd. Pure but for the file."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson
from pydantic import JsonValue

from services.cli.backfill_lines import Line, checked, lines_of
from services.cli.policies import intake_policy
from services.intake.receive import id_of, identity_of, masked
from shared.contracts.codec import read
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Fault

# Oddities, by code: what they mean for whoever sends them.
ODD = {
    "duplicate": "the same message as on an earlier line: one complaint, taken once",
    "id_reused": "an earlier line has this channel_message_id with other words: two complaints",
    "masked": "holds a number or a secret that is masked before anything leaves intake",
    "nobody": "no id, e-mail or phone: two messages of this person are never linked",
    "no_time": "no received_at: the time of the record counts",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one event: its line, the id that it gets, what is odd, or why it would be refused."""

    line_number: int
    complaint_id: str = ""
    odd: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def as_json(self) -> dict[str, JsonValue]:
        """For scripts."""
        return {
            "line": self.line_number,
            "taken": not self.faults,
            "complaint_id": self.complaint_id or None,
            "odd": list(self.odd),
            "problems": [asdict(fault) for fault in self.faults],
        }

    def line(self) -> str:
        """For people."""
        if self.faults:
            why = "; ".join(f"{f.field} {f.hint} [{f.code}]".strip() for f in self.faults)
            return f"line {self.line_number}: refused: {why}"
        odd = "".join(f"\n    {code}: {ODD[code]}" for code in self.odd)
        return f"line {self.line_number}: taken as {self.complaint_id}{odd}"


def verdicts(file: Path, source: str) -> Iterator[Verdict]:
    """Each event's, in order; raises `BadInput` for a file that cannot be read."""
    seen: dict[str, set[str]] = {}
    for line in map(_inner, lines_of(file)):
        faults = checked(line)
        if faults:
            yield Verdict(line.number, faults=faults)
            continue
        message = read(ComplaintSubmitted, line.raw)
        complaint = id_of(message, source)
        before = seen.setdefault(message.channel_message_id, set())
        odd = ["duplicate" if complaint in before else "id_reused"] if before else []
        before.add(complaint)
        yield Verdict(line.number, complaint, (*odd, *_oddities(message, source)))


def _oddities(message: ComplaintSubmitted, source: str) -> Iterator[str]:
    if masked(message, intake_policy()[0].intake.masking) != message:
        yield "masked"
    if identity_of(message, source) is None:
        yield "nobody"
    if message.received_at is None:
        yield "no_time"


def _inner(line: Line) -> Line:
    """The complaint of a CloudEvent in structured mode; anything else as it is."""
    try:
        whole = orjson.loads(line.raw)
    except orjson.JSONDecodeError:
        return line
    if not isinstance(whole, dict) or "specversion" not in whole:
        return line
    if whole.get("type") not in (None, ComplaintSubmitted.TYPE):
        hint = f"type is {ComplaintSubmitted.TYPE}"
        return replace(line, wrong=Fault("unknown_type", "type", hint))
    return replace(line, raw=orjson.dumps(whole.get("data")))
