"""All signals of one complaint, read in the order that they need each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.triage.model import Form, Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.arousal import ArousalRead, arousal_of
from services.triage.signals.category import CategoryRead, category_of
from services.triage.signals.flags import Flags, flags_of
from services.triage.signals.kind import KindRead, kind_of
from services.triage.signals.mood import MoodRead, mood_of
from services.triage.signals.necessity import NecessityRead, necessity_of
from services.triage.signals.phase import PhaseRead, phase_of
from services.triage.signals.regret import regret_of
from services.triage.signals.remedy import RemedyRead, remedy_of
from services.triage.signals.repetition import RepetitionRead, repetition_of
from services.triage.signals.role import RoleRead, role_of
from services.triage.signals.tone import tone_of
from services.triage.signals.unheard import NOTHING_UNHEARD, Unheard, unheard_of


@dataclass(frozen=True, slots=True)
class Findings:
    """What each signal family read; `why` maps reason codes to the words that fired them."""

    reading: Reading
    form: Form
    kind: KindRead
    flags: Flags
    remedy: RemedyRead
    category: CategoryRead
    regret: Words | None
    role: RoleRead
    necessity: NecessityRead
    repetition: RepetitionRead
    arousal: ArousalRead
    mood: MoodRead
    phase: PhaseRead
    # Words in which danger is mostly told, where no rule hears any.
    unheard: Unheard

    @property
    def why(self) -> Mapping[str, Words]:
        """A reason code for each finding that is not the ordinary, with its evidence."""
        found = {
            f"kind.{self.kind.kind}": self.kind.evidence,
            f"written_form.{self.form.written}": self.form.evidence,
            f"category.{self.category.category}": self.category.evidence,
            f"role.{self.role.role}": self.role.evidence,
            **self.flags.why,
        }
        told = {
            "kind.sarcastic": self.reading.words("praise.high") if self.kind.sarcastic else (),
            f"remedy.{self.remedy.sought}": self.remedy.evidence,
            f"necessity.{self.necessity.necessity}": self.necessity.evidence,
            f"arousal.{self.arousal.arousal}": self.arousal.evidence,
            f"mood.{self.mood.mood}": self.mood.evidence,
            **{label: self.reading.words(label) for label in self.mood.fragile},
            "vulnerable": self.mood.vulnerable,
            "regretted": self.regret or (),
            f"phase.{self.phase.phase}": self.phase.evidence,
            **self._segment,
        }
        return found | {code: words for code, words in told.items() if words}

    @property
    def _segment(self) -> Mapping[str, Words]:
        """The words that speak of a firm, noted as they agree with what is known or not."""
        words = self.reading.words("segment.firm")
        known = self.reading.complaint.segment
        return {f"segment.{known}" if known != "consumer" else "segment.contradicted": words}


def findings_of(reading: Reading, policy: TriagePolicy) -> Findings:
    """Read every signal."""
    kind, tone = kind_of(reading), tone_of(reading, policy)
    flags, arousal = (
        flags_of(reading, tone, policy=policy),
        arousal_of(reading, tone, policy=policy),
    )
    heated = arousal.arousal == "furious"
    category = category_of(reading, flags, policy=policy)
    asked_nothing = flags.safety or kind.kind == "praise"
    return Findings(
        reading=reading,
        form=reading.form,
        kind=kind,
        flags=flags,
        remedy=remedy_of(reading, kind.kind, policy=policy),
        category=category,
        regret=regret_of(reading),
        role=role_of(reading, policy),
        necessity=necessity_of(reading, policy),
        repetition=repetition_of(reading, policy),
        arousal=arousal,
        mood=mood_of(reading, kind, tone=tone, heated=heated, policy=policy),
        phase=phase_of(reading, kind.kind, category=category.category),
        unheard=NOTHING_UNHEARD if asked_nothing else unheard_of(reading, policy),
    )
