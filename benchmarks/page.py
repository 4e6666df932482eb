"""docs/reference/benchmarks.md, made of the figures beside it (benchmarks.json) and nothing else.

A ratio is ours over the other's, pair by pair: the median of them, and the least and the greatest.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Beside, Figures, Of, Stages, median, spread
from benchmarks.plot import OURS, by_clock, plot

NAMED = {
    "by_hand_ledger": "hand-written aiokafka, with a ledger",
    "by_hand": "hand-written aiokafka, without one",
    "plain_faust": "plain Faust agents",
    "quix": "Quix Streams",
}
# The targets, as issue 9 has them: ours over the rival's pace, at least.
WANTED = {"by_hand_ledger": 0.8, "plain_faust": 5.0, "quix": 1.0}
HEAD = """# Benchmarks

`make bench` measures all of this on one machine and writes this page, its figures
([benchmarks.json](benchmarks.json)) and its plot: a broker, the load and what is measured share its
cores. Read the ratios: both sides of one met the same machine in the same minutes. The absolute
figures are this machine's, and promise nothing about another.

![Ours beside others, by stage](benchmarks.svg)

"""
STAGES = """\
Each stage reads what lies on its inputs (the demo's complaints, each by somebody new), on one
core; ours with its ledger on SQLite, each commit on the disk. The others call the same `decide`
with the same codec and acks from all, in an order that turns round from pair to pair. *By hand,
with a ledger* writes the same rows in one transaction a batch, before it sends; it lacks what
makes ours safe (what was recorded and not sent is lost, nothing fences a zombie, a bad record
stops it). By hand without a ledger, Faust and Quix keep what they know in memory alone. Who was
not through in time was cut, and its pace is that of the outputs until then. Quix runs with
libraries of its own ([bench.lock](../../requirements/bench.lock)).
"""


def written(figures: Figures, page: Path) -> None:
    """Write the page, its figures and its plot."""
    page.write_text(told(figures), "utf-8")
    page.with_suffix(".json").write_text(figures.model_dump_json(indent=1) + "\n", "utf-8")
    page.with_suffix(".svg").write_text(plot(figures), "utf-8")


def told(figures: Figures) -> str:
    """The page."""
    return HEAD + "\n".join([*_stages(figures.stages), *_short(figures)]) + "\n"


def _measured(name: str, of: Of) -> str:
    return (
        f"\n`python -m benchmarks {name}` on commit {of.commit}: {of.cores} cores, Python "
        f"{of.python}, {of.minutes:g} minutes, load average before it {of.load_before:g}.\n"
    )


def _stages(stages: Stages | None) -> Iterator[str]:
    if stages is None:
        return
    yield f"## Each stage beside others\n\n{STAGES}"
    yield "| stage | beside | pairs | by the clock | by CPU | events/s, ours and theirs |"
    yield "|---|---|---|---|---|---|"
    for service, one in stages.found.items():
        for rival, name in NAMED.items():
            yield f"| {service} | {name} | {_cells(one, rival)} |"
    yield _measured("stages", stages.of)


def _cells(one: Beside, rival: str) -> str:
    ours, theirs = one.paces.get(OURS), one.paces.get(rival)
    if not ours or not theirs:
        why = one.failed.get(rival) or one.failed.get(OURS, "not run")
        return f"0 | did not run: {_plain(why)} | – | –"
    clock = by_clock(ours, theirs)
    cpu = [b / a for a, b in zip(ours.cpu_us, theirs.cpu_us, strict=False) if a]
    paces = f"{median(ours.per_s):.0f}, {median(theirs.per_s):.0f}"
    return f"{len(clock)} | {spread(clock)} | {spread(cpu)} | {paces}"


def _short(figures: Figures) -> Iterator[str]:
    """What falls short of the targets, said as such."""
    yield "## What falls short\n"
    if figures == Figures():
        yield "Nothing was measured yet: `make bench` does it."
        return
    short = list(_behind(figures))
    yield from (f"- {each}" for each in short)
    if not short:
        yield "Nothing of what was measured here is below its target."


def _behind(figures: Figures) -> Iterator[str]:
    found = figures.stages.found if figures.stages else {}
    for service, one in found.items():
        for rival, least in WANTED.items():
            if OURS not in one.paces or rival not in one.paces:
                yield f"{service} beside {NAMED[rival]}: not known, it did not run."
                continue
            ratio = median(by_clock(one.paces[OURS], one.paces[rival]))
            if ratio < least:
                yield f"{service} beside {NAMED[rival]}: {ratio:.2f}, and {least:g} was wanted."


def _plain(words: str) -> str:
    return words.replace("|", "/").replace("\n", " ")[:120]
