"""The shape of intake's policy: `deploy/policy/intake.yaml` and `sources.yaml`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.registered import Choice
from shared.policy import load_policy

Scope = Literal["orders:assert"]
VOUCHES: Scope = "orders:assert"
# Plain enough for a topic's name, a file and a log line; no colon, which marks what is unproved.
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Part(BaseModel):
    """A frozen piece of policy; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Times(Part):
    """Which times of a channel are believable."""

    ahead_s_max: Annotated[int, Field(ge=0)]
    oldest: AwareDatetime


class FileKind(Part):
    """A kind of file that is kept: what it begins with (`at` a byte), or that it is text.

    `begins` in hex; any of them. Endings in lower case, the first is given to a file without one.
    """

    endings: Annotated[tuple[str, ...], Field(min_length=1)]
    begins: tuple[Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")], ...] = ()
    at: Annotated[int, Field(ge=0)] = 0
    text: bool = False


class KeptFiles(Part):
    """Which files of a mail are kept, by media type, how many of one message, how large each."""

    bytes_max: Annotated[int, Field(ge=0)]
    number_max: Annotated[int, Field(ge=0)]
    kinds: dict[str, FileKind]


class Attachments(Part):
    """Which files may be referred to, and which are kept. Endings and types in lower case."""

    size_bytes_max: Annotated[int, Field(ge=0)]
    refused_types: frozenset[str]
    refused_endings: tuple[str, ...]
    kept: KeptFiles


class Robots(Part):
    """How a message shows that no person sent it. Words and header names in lower case."""

    auto_submitted_people: tuple[str, ...]
    precedence: tuple[str, ...]
    suppress: tuple[str, ...]
    headers: tuple[str, ...]
    delivered_to: tuple[str, ...]
    content_types: tuple[str, ...]
    calendar_methods: tuple[str, ...]
    own_lists: tuple[str, ...]
    senders: tuple[str, ...]
    no_reply: tuple[str, ...]
    subjects: dict[str, tuple[str, ...]]
    subject_patterns: tuple[str, ...]
    openings: dict[str, tuple[str, ...]]
    opening_words_max: Annotated[int, Field(ge=0)]


class Masking(Part):
    """Words that tell numbers apart, and secrets. Patterns by the characters they begin with."""

    account_words: tuple[str, ...]
    reference_words: tuple[str, ...]
    secret_words: tuple[str, ...]
    secret_links: tuple[str, ...]
    secret_patterns: dict[str, str]


class Pace(Part):
    """How many complaints a source may hand in; `burst` at once, then so many a second."""

    complaints_per_s: Annotated[float, Field(gt=0)]
    burst: Annotated[int, Field(ge=1)]


class MailDoor(Part):
    """Whose mails come in by SMTP and from the mailbox, and for which addresses of ours."""

    source: SourceName
    recipients: tuple[str, ...] = ()
    taken: str
    unreadable: str
    poll_s: Annotated[float, Field(gt=0)]


class Doors(Part):
    """What the doors keep to."""

    pace: Pace
    mail: MailDoor
    request_keys_kept_h: Annotated[float, Field(gt=0)]


class Replies(Part):
    """Words that choose when a reply says nothing else. In small letters, without stops.

    `beside`: what may stand with them and says nothing. `ends`: how the lines begin that close a
    letter; `programs`: what programs write below it; `logo_bytes_max`: up to where a picture is
    taken for the logo under a letter, which says nothing.
    """

    chars_max: Annotated[int, Field(ge=0)]
    logo_bytes_max: Annotated[int, Field(ge=0)]
    choices: dict[Choice, frozenset[str]]
    beside: frozenset[str]
    ends: tuple[str, ...]
    programs: tuple[str, ...]


class Forwards(Part):
    """How a mail shows that it passes another one on. Words and patterns in small letters."""

    subjects: tuple[str, ...]
    replies: tuple[str, ...]
    openings: tuple[str, ...]
    markers: tuple[str, ...]
    blocks: tuple[str, ...]
    rules: tuple[str, ...]
    from_names: tuple[str, ...]
    subject_names: tuple[str, ...]
    other_names: tuple[str, ...]


class IntakeRules(Part):
    """The whole of `intake.yaml`."""

    small_business_employees_max: Annotated[int, Field(ge=0)]
    times: Times
    doors: Doors
    attachments: Attachments
    robots: Robots
    masking: Masking
    quoted: tuple[str, ...]
    replies: Replies
    forwards: Forwards


class Source(Part):
    """A source with a topic of its own, and what its word counts for."""

    scopes: frozenset[Scope] = frozenset()


class Sources(Part):
    """The whole of `sources.yaml`."""

    sources: dict[SourceName, Source]


class IntakePolicy(Part):
    """Both files, as `load_policy` reads them."""

    intake: IntakeRules
    proven: Sources


def load() -> tuple[IntakePolicy, str]:
    """The policy and its digest; raises `Refused` naming the file and the field."""
    return load_policy(IntakePolicy, intake="intake.yaml", proven="sources.yaml")
