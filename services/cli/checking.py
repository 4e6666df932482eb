"""What `kulanse check` looks at; each look gives findings, none raises."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from services.cli.envfile import faults
from services.cli.policies import (
    LOADERS,
    desk_policy,
    notify_policy,
    recovery_policy,
    triage_policy,
)
from services.cli.surroundings import settings
from shared.business_time import Calendar
from shared.errors import Invalid, Refused
from shared.people import People, StaffRole, Weekday
from shared.policy import load_policy

DAYS: tuple[Weekday, ...] = get_args(Weekday)
ROLES: tuple[StaffRole, ...] = get_args(StaffRole)
HOURS = range(24)
DAYS_A_MONTH = 30.44  # on average; the law does not change by the day


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. An error fails the check, a warning does not."""

    level: Literal["error", "warning"]
    code: str
    where: str
    hint: str

    def line(self) -> str:
        """For people."""
        return f"{self.level:<8}  {self.where}: {self.hint} [{self.code}]"

    def plain(self) -> dict[str, str]:
        """For scripts."""
        return asdict(self)


class Rules(BaseModel):
    """`check.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day_and_night: tuple[StaffRole, ...]
    # Nobody waits for them: they have no hours.
    no_hours: tuple[StaffRole, ...]
    law_read_months_max: int


class CheckPolicy(BaseModel):
    """What is asked of the other files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Rules


def everything(today: date, *, env: Path) -> list[Finding]:
    """All findings, errors first."""
    looks: list[Callable[[], Iterator[Finding]]] = [
        _settings,
        partial(_env, env),
        *(partial(_policy, name, load) for name, load in LOADERS.items()),
        partial(_policy, "check", check_policy),
        _people,
        partial(_law, today),
        _contracts,
    ]
    found = [finding for look in looks for finding in look()]
    return sorted(found, key=lambda finding: finding.level)


def _settings() -> Iterator[Finding]:
    try:
        settings()
    except Invalid as invalid:
        yield from (Finding("error", f.code, f.field, f.hint) for f in invalid.faults)


def _env(path: Path) -> Iterator[Finding]:
    for wrong in faults(path):
        yield Finding(wrong.level, wrong.code, f"{path}: {wrong.knob}", wrong.hint)


def _policy(name: str, load: Callable[[], object]) -> Iterator[Finding]:
    try:
        load()
    except Refused as refused:
        yield Finding("error", refused.code, name, f"{refused.message} {refused.hint}")


@cache
def check_policy() -> tuple[CheckPolicy, str]:
    """What this installation asks of its policies."""
    return load_policy(CheckPolicy, rules="check.yaml")


def _people() -> Iterator[Finding]:
    try:
        desk, rules = desk_policy()[0], check_policy()[0].rules
    except Refused:
        return  # the policy that does not load has its own finding
    for role in ROLES:
        if role in rules.no_hours:
            continue
        business = None if role in rules.day_and_night else desk.deadlines.calendar
        yield from uncovered(desk.people, role, business=business)


def uncovered(people: People, role: StaffRole, *, business: Calendar | None) -> Iterator[Finding]:
    """The hours of the week when nobody of a role is there; `business` None: day and night."""
    there = list(people.with_role(role))
    if not there:
        yield Finding("error", "role_empty", "people.yaml", f"nobody is {role}")
        return
    for number, day in enumerate(DAYS):
        if business is not None and number not in business.weekdays:
            continue
        wanted = HOURS if business is None else range(business.opens.hour, business.closes.hour)
        present = {
            hour
            for person in there
            for slot in person.on_call
            if day in slot.days
            for hour in range(slot.from_hour, slot.to_hour)
        }
        missing = [hour for hour in wanted if hour not in present]
        if missing:
            hours = f"{missing[0]:02}–{missing[-1] + 1:02}"
            yield Finding("error", "hour_empty", "people.yaml", f"no {role} on {day} {hours}")


def _law(today: date) -> Iterator[Finding]:
    try:
        yield from old_law(
            today, _read_on(), months_max=check_policy()[0].rules.law_read_months_max
        )
    except Refused:
        return  # the policy that does not load has its own finding


def old_law(
    today: date, read_on: Mapping[str, Iterable[date]], *, months_max: int
) -> Iterator[Finding]:
    """The files whose oldest rule was read too long ago; `read_on`: by file, when each was."""
    for name, days in read_on.items():
        oldest = min(days, default=today)
        if (today - oldest).days > months_max * DAYS_A_MONTH:
            hint = f"read {oldest}, more than {months_max} months ago: read it again"
            yield Finding("warning", "law_old", name, hint)


def _read_on() -> dict[str, list[date]]:
    """When somebody last read what our dated files say of law, boards and telephone numbers."""
    notify, desk = notify_policy()[0], desk_policy()[0]
    found = {
        f"regimes/{name}.yaml": [right.read for right in regime.rules]
        for name, regime in recovery_policy()[0].regimes.items()
    }
    return found | {
        "reports.yaml": [duty.read for duty in triage_policy()[0].duties.reports],
        "boards.yaml": [board.read for board in notify.boards.boards],
        "notify.yaml": [number.read for number in notify.rules.help],
        "deadlines.yaml": [regime.read for regime in desk.deadlines.regimes.values()],
    }


def _contracts() -> Iterator[Finding]:
    from shared.contracts.export import HERE, render_all

    for path, text in render_all().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            hint = "not what the models say: run `python -m shared.contracts.export`"
            yield Finding("error", "contract_drift", str(path.relative_to(HERE)), hint)
