"""How well do the rules read what their writer never saw? Figures per file, signal and language.

`python -m tests.quality.judge` prints them; `figures()` gives them to a gate. Half of the cases is
open: `--open` prints what is read wrongly there, with its text, to learn from. The other half
stays unseen: only its figures ("unseen") tell how well the rules read what nobody tuned them on.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from tests.policy.judge import holds, part, rows
from tests.quality.cases import Case, every_case, names

# Quality cases say when they came; whatever does not, came now.
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
SUM_KINDS = ("refund", "price_reduction")
# What a pair or three must share; `worth` is value and kinds together.
TWIN_SIGNALS = ("severity", "value", "worth")
MATTER_SIGNALS = ("severity", "role", "remedy_sought", "value", "worth")

LATER = ("paraphrases_again", "paraphrases_third", "paraphrases_fourth")
TWINS, THREES, *LATER_THREES = (f"{file}, equal" for file in ("twins", "paraphrases", *LATER))

Answer = Mapping[str, object]


@dataclass(frozen=True)
class Judged:
    """One expectation and what was found."""

    file: str
    signal: str
    form: str
    case_id: str
    wanted: object
    found: object
    right: bool


@dataclass
class Figure:
    """How many expectations of a signal hold, in all and by written form."""

    right: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Right of all."""
        return self.right["all"] / self.judged["all"]

    def add(self, one: Judged) -> None:
        """Count one expectation."""
        half = "open" if every_case()[one.case_id].is_open else "unseen"
        for form in ("all", half, one.form):
            self.judged[form] += 1
            self.right[form] += one.right
        if not one.right:
            self.differences[f"{_short(one.wanted)} read as {_short(one.found)}"] += 1


@cache
def answer(case_id: str) -> Answer:
    """What the chain makes of a case; raises RuntimeError when it makes nothing of it."""
    given, is_answer = explain_raw(every_case()[case_id].line, parts(), now=NOW)
    if not is_answer:
        raise RuntimeError(f"{case_id}: {given}")
    return given


def judged() -> Iterator[Judged]:
    """Every expectation of every case, then what twins and threes share."""
    for case in every_case().values():
        yield from _expected(case)
    yield from _compared(_twins(), signals=TWIN_SIGNALS)
    yield from _compared(_matters(), signals=MATTER_SIGNALS)


def figures() -> dict[tuple[str, str], Figure]:
    """By file and signal."""
    found: dict[tuple[str, str], Figure] = {}
    for one in judged():
        found.setdefault((one.file, one.signal), Figure()).add(one)
    return found


def critical() -> dict[str, float]:
    """Recall on what is critical, precision over everything else here, false alarms by file."""
    called = Counter(case.file for case in every_case().values() if _is_called_critical(case))
    meant = Counter(case.file for case in every_case().values() if _is_critical(case))
    hits = sum(_is_called_critical(c) for c in every_case().values() if _is_critical(c))
    files = Counter(case.file for case in every_case().values())
    alarms = {name: called[name] / files[name] for name in ("figures", "everyday")}
    return {
        "recall": hits / max(1, sum(meant.values())),
        "recall, unseen": _recall_unseen(),
        "precision": hits / max(1, sum(called.values())),
        **{f"false alarms in {name}": share for name, share in alarms.items()},
    }


def _recall_unseen() -> float:
    meant = [case for case in every_case().values() if _is_critical(case) and not case.is_open]
    return sum(_is_called_critical(case) for case in meant) / max(1, len(meant))


def value_of(given: Answer) -> dict[str, int]:
    """Minor units of all gestures, by currency."""
    total: Counter[str] = Counter()
    for gesture in rows(part(given, "recovery").get("gestures")):
        total[str(gesture["currency"])] += int(str(gesture["amount_minor"] or 0))
    return {currency: minor for currency, minor in total.items() if minor}


def _expected(case: Case) -> Iterator[Judged]:
    given = answer(case.id)
    form = "+".join(str(each) for each in case.written_forms)
    for name, fields in case.expect.items():
        for signal, wanted in fields.items():
            found = _found(part(given, name), signal)
            right = _holds(signal, wanted=wanted, found=found)
            yield Judged(case.file, signal, form, case.id, wanted, found, right)


def _found(fields: Answer, signal: str) -> object:
    gestures = rows(fields.get("gestures"))
    if signal == "money_minor":
        return sum(int(str(g["amount_minor"])) for g in gestures if g["kind"] in SUM_KINDS)
    if signal == "gestures_never":
        return [g["kind"] for g in gestures]
    return fields.get(signal)


def _holds(signal: str, *, wanted: object, found: object) -> bool:
    if signal == "gestures_never":
        return not set(_strings(wanted)) & set(_strings(found))
    if signal == "written_form" and wanted is None:
        return found in {"nb", "nn"}
    return holds(wanted, found)


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _twins() -> Iterator[list[Case]]:
    for case in every_case().values():
        if case.same_as:
            yield [every_case()[case.same_as], case]


def _matters() -> Iterable[list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in every_case().values():
        if case.matter:
            found.setdefault(case.matter, []).append(case)
    return found.values()


def _compared(groups: Iterable[list[Case]], *, signals: tuple[str, ...]) -> Iterator[Judged]:
    for group in groups:
        first, *others = group
        file = f"{first.file}, equal"
        for signal in signals:
            wanted = _signal(first, signal)
            found = [_signal(other, signal) for other in others]
            odd = next((one for one in found if one != wanted), wanted)
            # Two halves: by what is varied; three written forms: by the one that stands out.
            form = others[0].varied or _odd_form(group, [wanted, *found])
            yield Judged(file, signal, form, others[0].id, wanted, odd, odd == wanted)


def _signal(case: Case, signal: str) -> object:
    given = answer(case.id)
    if signal == "value":
        return value_of(given)
    if signal == "worth":
        kinds = sorted(str(g["kind"]) for g in rows(part(given, "recovery").get("gestures")))
        return value_of(given), kinds
    return part(given, "triage").get(signal)


def _odd_form(group: list[Case], found: list[object]) -> str:
    if all(one == found[0] for one in found):
        return "equal"
    odd = [c for c, one in zip(group, found, strict=True) if found.count(one) == 1]
    return str(odd[0].written_forms[0]) + " stands out" if len(odd) == 1 else "all differ"


def _is_critical(case: Case) -> bool:
    return case.expect.get("triage", {}).get("severity") == "critical"


def _is_called_critical(case: Case) -> bool:
    return part(answer(case.id), "triage").get("severity") == "critical"


def _short(value: object) -> str:
    return "/".join(value) if isinstance(value, list) and value else str(value)


def shares() -> dict[str, tuple[float, int]]:
    """Every figure, by name: the share, and of how many; what a floor is held against."""
    found = {
        f"{file}: {signal}": (figure.share, figure.judged["all"])
        for (file, signal), figure in figures().items()
    }
    count = len(every_case())
    return {**found, **{f"critical: {name}": (s, count) for name, s in critical().items()}}


def main(*, opened: bool) -> None:
    """Print the figures, the worst first within a file."""
    say = sys.stdout.write
    found = figures()
    say(f"{len(every_case())} cases in {len(names())} files\n")
    for name in (*names(), TWINS, THREES, *LATER_THREES):
        mine = {signal: figure for (file, signal), figure in found.items() if file == name}
        say(f"\n{name}\n")
        for signal, figure in sorted(mine.items(), key=lambda each: each[1].share):
            by = "  ".join(f"{f} {figure.right[f]}/{n}" for f, n in sorted(figure.judged.items()))
            say(f"  {signal:22}{figure.share:7.1%}  {by}\n")
            say("".join(f"      {n:3} {kind}\n" for kind, n in figure.differences.most_common(6)))
    say("\ncritical\n" + "".join(f"  {name}: {share:.1%}\n" for name, share in critical().items()))
    if opened:
        say("\n" + "".join(_told(one) for one in judged() if not one.right))


def _told(one: Judged) -> str:
    """A difference of the open half with its text; nothing of the unseen half."""
    case = every_case()[one.case_id]
    if not case.is_open:
        return ""
    text = " ".join(str(case.submitted.get("text", "")).split())
    return f"{one.file} {one.signal}: {one.wanted} read as {one.found}: {case.id}: {text}\n"


if __name__ == "__main__":
    main(opened="--open" in sys.argv)
