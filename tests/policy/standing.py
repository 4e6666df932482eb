"""What holds for every notice to a complainant, in every golden case (golden/standing)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tests.policy.judge import Answer, Notice, plain

# How an apology is said; to count its sentences.
APOLOGY = re.compile(r"beklag|unnskyld|lei(e|t)? for|orsak|sorry|apolog|forgive", re.IGNORECASE)
SENTENCE = re.compile(r"[^.!?\n]+")
# Emoji and pictographs; plain signs (→ © ™) are none.
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
SURVEYED_NEVER = ("safety", "legal", "vulnerable")


def standing_findings(
    notice: Notice, *, rules: Mapping[str, object], answer: Answer
) -> Iterator[str]:
    """What a notice breaks of the standing rules, one line each."""
    triage = answer.get("triage")
    triage = triage if isinstance(triage, Mapping) else {}
    form, said = str(notice.fields["written_form"]), notice.words
    banned = [words for words in _of(rules["never"], "any", form) if plain(words) in said]
    yield from (f"{notice.name}: says {words!r}" for words in banned)
    if triage.get("written_form") != "other":  # answered in two languages at once
        strays = [word for word in _of(rules["never_words"], "any", form) if _is_word(word, said)]
        yield from (f"{notice.name}: {word!r} is not {form}" for word in strays)
    if _is_unsmiling(triage) and EMOJI.search(said):
        yield f"{notice.name}: an emoji"
    if _apologies(str(notice.fields["body"])) > int(str(rules["apology_sentences_max"])):
        yield f"{notice.name}: apologises too long"
    surveys = [words for words in _of(rules["survey_words"], form) if plain(words) in said]
    if surveys and _is_surveyed_never(triage):
        yield f"{notice.name}: a survey ({surveys[0]!r})"


def _is_word(word: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(plain(word))}(?!\w)", said) is not None


def _of(table: object, *names: str) -> Sequence[str]:
    rows = table if isinstance(table, Mapping) else {}
    return [str(each) for name in names for each in rows.get(name) or ()]


def _is_unsmiling(triage: Answer) -> bool:
    return triage.get("severity") != "low" or triage.get("mood") != "pleased"


def _is_surveyed_never(triage: Answer) -> bool:
    flagged = any(triage.get(name) for name in SURVEYED_NEVER)
    return flagged or triage.get("abuse") != "none" or triage.get("kind") == "praise"


def _apologies(body: str) -> int:
    return sum(1 for sentence in SENTENCE.findall(body) if APOLOGY.search(sentence))
