"""What notify may say, when and to whom: the shape of its policy files."""

from datetime import date, time
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.business_time import FILE, Deadlines, Within
from shared.contracts.contract import Channel, Segment, WrittenForm
from shared.contracts.notifications import Audience
from shared.contracts.promises import PromiseKind
from shared.contracts.triaged import Abuse, Arousal, Kind, Severity
from shared.people import People, StaffRole

Way = Literal["mail", "reply", "call", "tell", "hook", "sms"]
Form = Literal["nb", "nn", "en"]
FORMS: tuple[Form, ...] = ("nb", "nn", "en")
LINKS: tuple[str, ...] = ("choose", "expectation", "experience", "no_surveys")

# Which files make up the policy, for `load_policy`; a name with * is a mapping by stem.
FILES = {
    "rules": "notify.yaml",
    "boards": "boards.yaml",
    "people": "people.yaml",
    "deadlines": FILE,
    "nb": "texts/nb/*.yaml",
    "nn": "texts/nn/*.yaml",
    "en": "texts/en/*.yaml",
}


class Part(BaseModel):
    """A frozen piece of policy; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Waits(Part):
    """How long something waits, in seconds, and for whom.

    `signature`: how long it lacks one until the complainant hears of it, and hears again.
    """

    plain_acknowledgement_s: int
    decision_s: int
    decision_severities: tuple[Severity, ...]
    decision_arousals: tuple[Arousal, ...]
    pause_s: int
    pause_arousals: tuple[Arousal, ...]
    pause_never_severities: tuple[Severity, ...]
    words_s: int
    signature: tuple[Within, ...]


class Said(Part):
    """When things are said to be done, where nothing better is known."""

    urgent: Within
    payout: Within
    failed: Within
    task: Within
    approval: Within


class Facts(Part):
    """How many facts an acknowledgement repeats, and how long a quoted one may be.

    `idle`: words that triage may take for a fact and that tell nothing. `gentle_kinds`: all that
    is repeated to who grieves or has no money. `known_ends`: how a thing that both know ends; one
    that ends otherwise is not named. None: as it is.
    """

    wanted: int
    most: int
    quote_chars_max: int
    quote_abuse: tuple[Abuse, ...]
    quote_arousals: tuple[Arousal, ...]
    idle: tuple[str, ...]
    gentle_kinds: tuple[str, ...]
    known_ends: dict[Form, tuple[str, ...]]


class Staff(Part):
    """What colleagues are told: in which form, and which segments have an account contact."""

    written_form: Form
    account_segments: tuple[Segment, ...]
    threat_audience: Audience
    safety_audience: Audience
    praise_audience: Audience
    undelivered_audience: Audience
    promise_audience: Audience
    critical_audience: Audience
    # The one leader who alone answers whoever has threatened a second time: a pseudonym.
    leader: str


class Escalation(Part):
    """Who hears of what is urgent, and after how many seconds, until a person has it.

    The first of a role on call hears at once, her deputy then, then all on call of `all_roles`.
    """

    deputy_s: int
    all_s: int
    roles: dict[Audience, StaffRole]
    all_roles: tuple[StaffRole, ...]


class Sending(Part):
    """How long a way is tried, in seconds, and when a web hook is tried again."""

    second_way_s: float
    give_up_s: float
    hook_waits_s: tuple[float, ...]


class Links(Part):
    """How long each link of a mail is good for, in days."""

    days: dict[str, int]


class Survey(Part):
    """Which kinds of message are asked about, how long after the answer, and how seldom."""

    kinds: tuple[Kind, ...]
    after_days: int
    again_days: int


class Promises(Part):
    """When a promise is told to be at risk, and to whom; how long we let people keep us waiting.

    `broken_kinds`: those that notify itself reports as broken; who does the rest says so,
    and of `heard_kinds` the complainant then hears.
    `wall_kinds`: the law's own, day and night, whoever keeps us waiting.
    `risk_kinds`, `risk_percent`: what they hear of before it is late, and when.
    `made_by`: messages that name a day of their own (`said.failed`), so that it is watched too.
    """

    warn_percent: tuple[int, ...]
    staff_percent: tuple[int, ...]
    broken_kinds: tuple[PromiseKind, ...]
    told_kinds: tuple[PromiseKind, ...]
    risk_kinds: tuple[PromiseKind, ...]
    risk_percent: int
    heard_kinds: tuple[PromiseKind, ...]
    wall_below_s: int
    wall_kinds: tuple[PromiseKind, ...]
    wait_days_max: int
    made_by: tuple[str, ...]
    made_owner: str


class Manners(Part):
    """What is not said again so soon, and what waits for the day (by the calendar's wall clock)."""

    acknowledge_again_days: int
    status_every_h: int
    day_begins: time
    day_ends: time
    can_wait: tuple[str, ...]


class HookRule(Part):
    """Where a source's replies go (by the source's name), or `sms` or `alert` for all."""

    url: str
    inside: bool = False


class Help(Part):
    """A telephone number for someone in danger; `verified` when it was read at its source."""

    id: str
    name: dict[Form, str]
    phone: str
    source: str
    read: date
    verified: bool


class Rules(Part):
    """`notify.yaml`."""

    default_form: Form
    other_forms: tuple[Form, ...]
    waits: Waits
    said: Said
    facts: Facts
    staff: Staff
    escalation: Escalation
    ways: dict[Channel, tuple[Way, ...]]
    sending: Sending
    promises: Promises
    manners: Manners
    links: Links
    survey: Survey
    hooks: dict[str, HookRule]
    public_channels: tuple[Channel, ...]
    private_ways: tuple[Way, ...]
    aloud_channels: tuple[Channel, ...]
    contacts_again: int
    self_harm_codes: tuple[str, ...]
    warm_codes: dict[str, tuple[str, ...]]
    # What to do now, by the kind of danger: reason codes, the first kind that one of them fits.
    danger_codes: dict[str, tuple[str, ...]]
    # Reason codes by which only the words tell of danger: what to do now is said with an "if".
    likely_danger_codes: frozenset[str]
    # How people begin and end a letter: a colleague who did so is not made to do it twice.
    greets: tuple[str, ...]
    signs: tuple[str, ...]
    money_kinds: tuple[str, ...]
    help: tuple[Help, ...]
    locales: dict[Form, str]
    tone: dict[str, dict[WrittenForm, tuple[str, ...]]]
    limits: dict[str, int]


class Board(Part):
    """A place to complain further; `verified` when somebody read it at its source."""

    name: dict[Form, str]
    address: str
    sectors: tuple[str, ...]
    segments: tuple[Segment, ...]
    source: str
    read: date
    verified: bool


class Boards(Part):
    """`boards.yaml`: the organisation's own sector, what an order says of it, and the boards."""

    sector: str
    sector_of_order: dict[str, str]
    sector_of_category: dict[str, str]
    boards: tuple[Board, ...]


class Message(Part):
    """A template: subject and body in Jinja2. What a person wrote goes in as data only."""

    subject: str
    body: str


class Texts(Part):
    """The texts of one written form: messages to complainants, to staff, and words in them."""

    complainant: dict[str, Message]
    staff: dict[str, Message]
    words: dict[str, dict[str, str]]


class NotifyPolicy(Part):
    """All of it. What the installation's settings tell: whether mails may hold `links`, and whether
    colleagues have `alerts` beside the staff outbox.
    """

    rules: Rules
    boards: Boards
    people: People
    deadlines: Deadlines
    nb: Texts
    nn: Texts
    en: Texts
    links: bool = False
    alerts: bool = False

    def texts(self, form: Form) -> Texts:
        """The texts of a written form."""
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[form]
