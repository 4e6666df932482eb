"""How it went: asked once, some days after the last answer, of who may be asked. Pure."""

from datetime import datetime, timedelta

from services.notify.linking import may_be_asked
from services.notify.model import Draft, Matter
from services.notify.policy import NotifyPolicy
from services.notify.ways import mail_address

SURVEY = "survey"


def survey_owed(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    """The survey, when its time has come and nothing has happened since."""
    timer = survey_timer(matter, policy)
    if timer is None or timer[0] not in matter.due:
        return []
    return [Draft(SURVEY, "status", SURVEY)]


def survey_timer(matter: Matter, policy: NotifyPolicy) -> tuple[str, datetime] | None:
    """When to ask, with the name of the timer: named by the answer, so that a later one moves it.

    None while the matter is open, when they were asked, lately or here, or may not be asked.
    """
    answered = _answered_at(matter)
    if answered is None or SURVEY in matter.said or not may_be_asked(matter, policy):
        return None
    rules = policy.rules.survey
    again = timedelta(days=rules.again_days)
    lately = any(answered - at < again for at in matter.surveyed)
    wrote_since = matter.replied_at is not None and matter.replied_at > answered
    if lately or wrote_since or not mail_address(matter) or _is_open(matter):
        return None
    return f"{SURVEY}:{int(answered.timestamp())}", answered + timedelta(days=rules.after_days)


def _answered_at(matter: Matter) -> datetime | None:
    """When the last decision was told."""
    told = []
    for message in matter.said.values():
        notice = message.get("notice")
        counts_as = notice.get("counts_as") if isinstance(notice, dict) else None
        if isinstance(counts_as, list) and "decision" in counts_as:
            told.append(datetime.fromisoformat(str(message["at"])))
    return max(told, default=None)


def _is_open(matter: Matter) -> bool:
    """An offer without an answer, money on its way, or a remedy that could not be given."""
    recoveries = matter.recoveries
    if not recoveries:
        return False
    newest = max(recoveries, key=lambda name: int(str(recoveries[name].get("version") or 0)))
    return newest not in ("settled", "rejected")
