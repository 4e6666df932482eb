"""The demo's simulated colleagues at work: a team lead who signs, a finance clerk who pays out.

They use the same doors as everyone: the desk's HTTP door, and the payouts of the book.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine

from services.desk.client import DeskClient
from services.desk.model import WaitingApproval
from services.desk.tokens import mint_token
from services.recovery.payouts import confirm, export
from shared.ledger.engine import open_engine
from shared.settings import Settings

PATH = Path(__file__).resolve().parents[3] / "deploy" / "demo" / "colleagues.yaml"
UNREAD = ""
PAGE_MAX = 500


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Refusal(_Part):
    """A complaint, by the demo's id, that she may refuse to sign for, and why."""

    complaint: str
    reason: str


class TeamLead(_Part):
    """Who she is, what she signs, what she says; of `rejects`, the first that comes to her."""

    person: str
    signs: tuple[str, ...]
    approve: str
    rejects: tuple[Refusal, ...]


class FinanceClerk(_Part):
    """Who pays out."""

    person: str


class Colleagues(_Part):
    """`deploy/demo/colleagues.yaml`."""

    team_lead: TeamLead
    finance_clerk: FinanceClerk


def colleagues(path: Path = PATH) -> Colleagues:
    """Read them."""
    return Colleagues.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


class Lead:
    """The simulated team lead at the desk's door."""

    def __init__(self, who: TeamLead, settings: Settings, url: str) -> None:
        """She gets a token of her own."""
        self.who, self.approved, self.rejected = who, 0, 0
        self._url = url
        self._token = mint_token(settings.state_dir, who.person, simulated=True)
        self._answered: set[str] = set()

    def work(self, names: Mapping[str, str], *, last_round: bool) -> int:
        """Sign what waits for her; how many she answered.

        `names`: the demo's ids by complaint id. What she might refuse waits for her last round.
        """
        with DeskClient(self._url, self._token) as desk:
            waiting = [
                each
                for each in desk.list_approvals(limit=PAGE_MAX)
                if each.approval in self.who.signs and each.recovery_id not in self._answered
            ]
            refused = self._refused(waiting, names) if last_round else None
            # One whose name has not been read yet may be one of them: it waits, too.
            doubtful = {UNREAD, *(refusal.complaint for refusal in self.who.rejects)}
            for each in waiting:
                if refused is not None and each is refused[0]:
                    self._reject(desk, refused[0], reason=refused[1].reason)
                elif last_round or names.get(each.complaint_id, UNREAD) not in doubtful:
                    self._approve(desk, each)
        return sum(each.recovery_id in self._answered for each in waiting)

    def _refused(
        self, waiting: Sequence[WaitingApproval], names: Mapping[str, str]
    ) -> tuple[WaitingApproval, Refusal] | None:
        """The one that she refuses, once."""
        if self.rejected:
            return None
        found = ((e, r) for r in self.who.rejects for e in waiting)
        return next((p for p in found if names.get(p[0].complaint_id) == p[1].complaint), None)

    def _approve(self, desk: DeskClient, each: WaitingApproval) -> None:
        self._answered.add(each.recovery_id)
        desk.approve(each.recovery_id, reason=self.who.approve, seen_version=each.version)
        self.approved += 1

    def _reject(self, desk: DeskClient, each: WaitingApproval, *, reason: str) -> None:
        self._answered.add(each.recovery_id)
        desk.reject(each.recovery_id, reason, seen_version=each.version)
        self.rejected += 1


class Clerk:
    """The simulated finance clerk: exports what is to be paid, and says that it was."""

    def __init__(self, who: FinanceClerk, settings: Settings) -> None:
        """Works on recovery's ledger, as `kulanse payouts` does."""
        self.who, self.paid = who, 0
        self._engine: Engine = open_engine(settings, "recovery")

    def work(self) -> int:
        """How many payouts were confirmed."""
        listed = list(csv.DictReader(io.StringIO(export(self._engine, again=True))))
        if not listed:
            return 0
        counts = confirm(self._engine, self._answer(listed))
        self.paid += counts["confirmed"]
        return counts["confirmed"]

    def _answer(self, listed: list[dict[str, str]]) -> str:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(("payout_id", "state", "provider_reference"))
        for row in listed:
            payout_id = row["payout_id"].removeprefix("'")
            writer.writerow((payout_id, "confirmed", f"{self.who.person}/{payout_id[:8]}"))
        return out.getvalue()

    def close(self) -> None:
        """Give the ledger back."""
        self._engine.dispose()
