"""docs/reference/benchmarks.md, made of the figures beside it (benchmarks.json) and nothing else.

A ratio is ours over the other's, pair by pair: the median of them, and the least and the greatest.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Beside, Figures, Stages, Whole, Wholes, measured_on, median, spread
from benchmarks.page_growth import grown, not_flat
from benchmarks.plot import OURS, by_clock, plot

NAMED = {
    "by_hand_ledger": "hand-written aiokafka, with a ledger",
    "by_hand": "hand-written aiokafka, without one",
    "plain_faust": "plain Faust agents",
    "quix": "Quix Streams",
}
AROUND = {OURS: "ours adds", **{rival: f"{name} adds" for rival, name in NAMED.items()}}
# The targets, as issue 9 has them: ours over the rival's pace, at least.
WANTED = {"by_hand_ledger": 0.8, "plain_faust": 5.0, "quix": 1.0}
WHOLE_PER_S, P99_AT, P99_MS = 500, "200/s", 250
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
with a ledger* writes the same rows, the service's own too, in one transaction a batch, before it
sends; it lacks what makes ours safe (what was recorded and not sent is lost, nothing fences a
zombie, a bad record stops it), and seals nothing personal, as ours does. By hand without a ledger,
Faust and Quix keep what they know in memory alone. Who was not through in time was cut, and its
pace is that of the outputs until then. Quix runs with libraries of its own
([bench.lock](../../requirements/bench.lock)).
"""
CORE = """\
All of them decode, decide and encode, and that is most of a stage: who adds nothing would only be
so much faster. CPU an event in µs, of the core alone, and what each adds to it:
"""
WHOLE = """\
All four services with their ledgers on SQLite, `book` payments and the file outbox, on two cores
with their broker and the load; the demo's complaints, written to `complaints.submitted` at once.
Done is a complaint when every message about it that does not wait on purpose has left and is said
to have left; complaints of which nothing is said at once are not counted as done. CPU is that of
the whole time until all was quiet, timers too.
"""
LATENCY = """\
The same installation without the desk, complaints written evenly at the rate offered: the time
from a complaint's record to that of the last message about it having left. A message that waits
on purpose (for a timer: a pause, a night) is left out, and so is who names an order that nobody
knows: it is looked for during seven seconds, since its facts may be on their way.
"""
WHY = """\
*Why*, as looked at on 6fca397. Four stages, their broker and the load share two cores, and what a
complaint costs all of them together is the bound. More than half of it is notify, which alone
fills a core: it decides on four to five events a complaint, writes the letters and keeps what
became of each. Its profile is flat (writing letters and deciding take about a quarter each of its
interpreter's time), so no single step is left to mend. Near that bound a queue grows: the
latencies at 200/s are waiting, those at 50/s the work. Beside plain Faust the core that both
share is the limit. A longer history costs more, we think because ids are spread over indexes that
grow, so that each event touches more pages of its own; a larger page cache and rarer checkpoints
of SQLite were tried and gained nothing. A backlog of a million would take over an hour at this
pace and was not measured.
"""


def written(figures: Figures, page: Path) -> None:
    """Write the page, its figures and its plot."""
    page.write_text(told(figures), "utf-8")
    page.with_suffix(".json").write_text(figures.model_dump_json(indent=1) + "\n", "utf-8")
    page.with_suffix(".svg").write_text(plot(figures), "utf-8")


def told(figures: Figures) -> str:
    """The page."""
    sections = [
        *_stages(figures.stages),
        *_end_to_end(figures.end_to_end),
        *_latency(figures.latency),
        *grown(figures.growth),
        *_short(figures),
    ]
    return HEAD + "\n".join(sections) + "\n"


def _stages(stages: Stages | None) -> Iterator[str]:
    if stages is None:
        return
    yield f"## Each stage beside others\n\n{STAGES}"
    yield "| stage | beside | pairs | by the clock | by CPU | events/s, ours and theirs |"
    yield "|---|---|---|---|---|---|"
    for service, one in stages.found.items():
        for rival, name in NAMED.items():
            yield f"| {service} | {name} | {_cells(one, rival)} |"
    yield f"\n{CORE}"
    yield f"| stage | core | {' | '.join(AROUND.values())} |"
    yield f"|---|---|{'---|' * len(AROUND)}"
    for service, one in stages.found.items():
        yield f"| {service} | {one.core_us:.0f} | {' | '.join(_around(one))} |"
    yield measured_on("stages", stages.of)


def _around(one: Beside) -> Iterator[str]:
    """What each adds to the core."""
    for rival in AROUND:
        paces = one.paces.get(rival)
        yield f"{median(paces.cpu_us) - one.core_us:.0f}" if paces else "–"


def _cells(one: Beside, rival: str) -> str:
    ours, theirs = one.paces.get(OURS), one.paces.get(rival)
    if not ours or not theirs:
        why = one.failed.get(rival) or one.failed.get(OURS, "not run")
        return f"0 | did not run: {_plain(why)} | – | –"
    clock = by_clock(ours, theirs)
    cpu = [b / a for a, b in zip(ours.cpu_us, theirs.cpu_us, strict=False) if a]
    paces = f"{median(ours.per_s):.0f}, {median(theirs.per_s):.0f}"
    return f"{len(clock)} | {spread(clock)} | {spread(cpu)} | {paces}"


def _end_to_end(wholes: Wholes | None) -> Iterator[str]:
    if wholes is None:
        return
    yield f"## End to end\n\n{WHOLE}"
    yield "| | complaints | all said | complaints/s | CPU us a complaint, all together |"
    yield "|---|---|---|---|---|"
    for name, one in wholes.found.items():
        cpu = sum(one.cpu_us.values())
        yield f"| {name} | {one.complaints} | {one.done} | {one.done_per_s:.0f} | {cpu:.0f} |"
    yield "\n| process | CPU us a complaint | MB at most | beside the desk: CPU | MB |"
    yield "|---|---|---|---|---|"
    alone, beside = wholes.found.get("without the desk"), wholes.found.get("with the desk")
    for process in beside.cpu_us if beside else alone.cpu_us if alone else ():
        cells = [_spent(alone, process), _spent(beside, process)]
        yield f"| {process} | {' | '.join(cells)} |"
    yield measured_on("end-to-end", wholes.of)


def _spent(one: Whole | None, process: str) -> str:
    if one is None or process not in one.cpu_us:
        return "– | –"
    return f"{one.cpu_us[process]:.0f} | {one.rss_mb[process]:.0f}"


def _latency(wholes: Wholes | None) -> Iterator[str]:
    if wholes is None:
        return
    yield f"## From complaint to last message\n\n{LATENCY}"
    yield "| offered | written | complaints | all said | order unknown | p50 ms | p95 ms | p99 ms |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, one in wholes.found.items():
        times = f"{one.p50_ms:.0f} | {one.p95_ms:.0f} | {one.p99_ms:.0f}"
        many = f"{one.complaints} | {one.done} | {'–' if one.looked is None else one.looked}"
        yield f"| {name} | {one.sent_per_s:.0f}/s | {many} | {times} |"
    yield measured_on("latency", wholes.of)


def _short(figures: Figures) -> Iterator[str]:
    """What falls short of the targets, said as such."""
    yield "## What falls short\n"
    if figures == Figures():
        yield "Nothing was measured yet: `make bench` does it."
        return
    short = list(_behind(figures))
    yield from (f"- {each}" for each in short)
    yield f"\n{WHY}" if short else "Nothing of what was measured here is below its target."


def _behind(figures: Figures) -> Iterator[str]:
    yield from _behind_others(figures)
    for name, one in figures.end_to_end.found.items() if figures.end_to_end else ():
        if one.done_per_s < WHOLE_PER_S:
            yield f"end to end, {name}: {one.done_per_s:.0f}/s, and {WHOLE_PER_S} was wanted."
    yield from not_flat(figures.growth)
    judged = figures.latency.found.get(P99_AT) if figures.latency else None
    if judged and (judged.p99_ms >= P99_MS or not judged.done):
        yield f"p99 at {P99_AT}: {judged.p99_ms:.0f} ms, and less than {P99_MS} was wanted."


def _behind_others(figures: Figures) -> Iterator[str]:
    found = figures.stages.found if figures.stages else {}
    for service, one in found.items():
        for rival, least in WANTED.items():
            if OURS not in one.paces or rival not in one.paces:
                yield f"{service} beside {NAMED[rival]}: not known, it did not run."
                continue
            ratio = median(by_clock(one.paces[OURS], one.paces[rival]))
            if ratio < least:
                told = f"{ratio:.2f}, and {least:g} was wanted{_bound(one, rival, least=least)}."
                yield f"{service} beside {NAMED[rival]}: {told}"


def _bound(one: Beside, rival: str, *, least: float) -> str:
    """What a stage would reach that cost its core alone, where even that is not enough."""
    bound = median(one.paces[rival].cpu_us) / one.core_us if one.core_us else least
    return "" if bound >= least else f" (the core alone, with nothing around it: {bound:.1f})"


def _plain(words: str) -> str:
    return words.replace("|", "/").replace("\n", " ")[:120]
