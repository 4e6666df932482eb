"""What the demo came to, for people: the counts, what waits and why, and one complaint's way."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from services.cli.demo.run import Counted
from services.cli.output import shown

WIDTH_PIPED = 160  # ids and reasons on one line, for whoever greps
# How each count is said.
COUNTS = {
    "submitted": "records on complaints.submitted",
    "duplicates": "of them sent a second time: still one complaint",
    "dead_letters": "of them no complaint: kept as dead letters",
    "registered": "complaints registered",
    "triaged": "read by triage",
    "recovered": "decided on by recovery",
    "notified": "whose complainant has had a message",
}
ENDS = {
    "settled": "settled: the remedy was given",
    "answered": "answered: nothing more is owed",
    "rejected": "rejected by a person, with reasons",
    "payout_pending": "payout with the bank",
    "with_people": "wait for a person",
}
TRAITS = {
    "safety_or_legal": "safety or legal",
    "threats": "threats",
    "users": "users",
    "nb": "bokmål",
    "nn": "nynorsk",
    "en": "English",
    "over_automatic_limit": "above the automatic limit",
}


def show_summary(counted: Counted, names: Mapping[str, str], *, to_stderr: bool) -> None:
    """Print it. `names`: the demo's ids by complaint id."""
    console = Console(stderr=to_stderr, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_PIPED
    console.print(_counts(counted))
    varied = ", ".join(f"{counted.tally.traits[name]} {said}" for name, said in TRAITS.items())
    console.print(f"Among them: {varied}.")
    if counted.tally.waiting:
        console.print(_waiting(counted, names))
    books = "the books balance" if counted.books.balanced else "the books DO NOT balance"
    console.print(
        f"Lost: {counted.lost}. Effects that happened twice: {counted.double_effects}. "
        f"Refused at the door: {counted.refused_at_door}. {books.capitalize()}."
    )


def _counts(counted: Counted) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for name, said in COUNTS.items():
        table.add_row(str(counted.object[name]), said)
    table.add_section()
    for name, said in ENDS.items():
        table.add_row(str(counted.object[name]), said)
    return table


def _waiting(counted: Counted, names: Mapping[str, str]) -> Table:
    table = Table(title="Waits for a person", title_justify="left", box=None, pad_edge=False)
    for column in ("complaint", "", "severity"):
        table.add_column(column, no_wrap=True)
    table.add_column("why")
    order = {"critical": 0, "high": 1, "medium": 2}
    for each in sorted(counted.tally.waiting, key=lambda e: order.get(e.severity, 3)):
        name = names.get(each.complaint_id, "")
        table.add_row(each.complaint_id, name, each.severity, shown(", ".join(each.why)))
    return table
