"""`python -m services.cli.desk_door door`: the desk's door with the other services' cores in hand.

The command stands above every service and may import them all, so here is where what the desk asks
of others' cores (`services/desk/rehearsal.py`) is put in. Nothing is sent or paid by it.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from pydantic import ValidationError

from services.cli.answer import answer_of
from services.cli.explaining import explained
from services.cli.lines import Line
from services.cli.otherwise import changes
from services.cli.replaying import Decided, compared, confirmed
from services.cli.showing import told
from services.cli.stages import parts
from services.desk.app import build
from services.desk.rehearsal import (
    Changed,
    Decision,
    Difference,
    Move,
    Otherwise,
    Row,
    Without,
)
from services.desk.serving import serve
from services.recovery.changed import with_content
from services.recovery.policy import load
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.triaged import ComplaintTriaged
from shared.errors import Invalid
from shared.metrics.board import Board
from shared.policy import read_policy_text
from shared.settings import Settings
from shared.stage.main import main


class Cores:
    """Intake, triage, recovery and notify with the policies in force."""

    def otherwise(self, complaint: ComplaintRegistered) -> Otherwise | None:
        """What would change it; None: it cannot be read by itself."""
        line = line_of(complaint)
        if line is None:
            return None
        now = complaint.received_at
        try:
            complaint_id, events = explained(line, parts(), now=now)
            answer = answer_of(None, complaint_id=complaint_id, events=events)
            read = next(e.data for e in events if isinstance(e.data, ComplaintTriaged))
            found = tuple(changes(line, parts(), told=told(answer), now=now))
        except (Invalid, StopIteration):
            return None
        return Otherwise(
            read.severity,
            read.kind,
            tuple(
                Without(each.words, each.part, tuple(Changed(*move) for move in each.moves))
                for each in found
            ),
        )

    def compared(self, past: Sequence[Event[Contract]], *, file: str, text: str) -> Difference:
        """Past readings decided anew, by what is in force and by this text; raises `Refused`."""
        name = PurePosixPath(file)
        content = read_policy_text(text, where=name.name)
        after = with_content(content, name=name.stem, where=name.name)
        found = compared([confirmed(event) for event in past], load()[0], after=after)
        return Difference(
            len(found.pairs),
            tuple(Move(p.complaint_id, _said(p.before), _said(p.after)) for p in found.moved()),
            tuple(
                Row(table, label, currency, **row)
                for table, rows in found.tables().items()
                for (label, currency), row in rows.items()
            ),
        )


def _said(decided: Decided) -> Decision:
    sums = tuple((kind, currency, minor) for (kind, currency), minor in decided.sums_minor.items())
    return Decision(decided.outcome, decided.approval, sums)


def line_of(complaint: ComplaintRegistered) -> Line | None:
    """The complaint as a channel would hand it in again; None: its words are sealed or unfit."""
    said = complaint.personal
    if not isinstance(said, Personal):
        return None
    who = {
        "id": said.complainant_id or complaint.complaint_id,
        "name": said.name,
        "email": said.email,
        "organisation": {"name": said.organisation} if said.organisation else None,
        "declared_role": complaint.declared_role,
        "language": complaint.declared_form,
    }
    try:
        return Line.model_validate(
            {
                "channel": complaint.channel,
                "channel_message_id": complaint.channel_message_id,
                "received_at": complaint.received_at,
                "complainant": who,
                "subject": said.subject,
                "text": said.text,
                "order": complaint.order,
            }
        )
    except ValidationError:
        return None


def door(settings: Settings, board: Board) -> None:
    """The desk's door, with the cores."""
    serve(settings, board, rehearsal=Cores())


if __name__ == "__main__":
    main(build, door=door)
