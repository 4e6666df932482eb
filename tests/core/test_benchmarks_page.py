"""The benchmarks' page says what its figures say."""

from pathlib import Path

from benchmarks.figures import Beside, Figures, Of, Paces, Stages
from benchmarks.page import told
from benchmarks.plot import plot

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "benchmarks.md"
OF = Of(commit="abc", cores=2, load_before=0.1, minutes=1, python="3.13")
OURS = Paces(per_s=[100, 90, 120], cpu_us=[50, 50, 50])
THEIRS = Paces(per_s=[200, 100, 200], cpu_us=[40, 40, 40])


def _page(paces: dict[str, Paces], **failed: str) -> str:
    found = {"triage": Beside(events=3, paces=paces, failed=failed)}
    return told(Figures(stages=Stages(of=OF, found=found)))


def test_the_page_is_what_its_figures_say() -> None:
    """Somebody would mend a figure by hand, and nobody could make it again."""
    figures = Figures.model_validate_json(PAGE.with_suffix(".json").read_text("utf-8"))
    assert told(figures) == PAGE.read_text("utf-8")
    assert plot(figures) == PAGE.with_suffix(".svg").read_text("utf-8")


def test_a_ratio_is_told_with_its_spread_and_what_falls_short_is_said() -> None:
    """The best of the pairs would stand for all, and a target that was missed for one met."""
    page = _page({"ours": OURS, "by_hand_ledger": THEIRS})
    row = next(line for line in page.splitlines() if "with a ledger |" in line)
    assert row == (
        "| triage | hand-written aiokafka, with a ledger | 3 | 0.60 (0.50 to 0.90) "
        "| 0.80 (0.80 to 0.80) | 100, 200 |"
    )
    assert "triage beside hand-written aiokafka, with a ledger: 0.60, and 0.8 was wanted." in page


def test_what_a_shell_adds_to_the_core_is_told() -> None:
    """A slow core hides what a shell costs: ratios near one would pass for a cheap shell."""
    beside = Beside(events=3, core_us=30, paces={"ours": OURS, "by_hand": THEIRS}, failed={})
    page = told(Figures(stages=Stages(of=OF, found={"triage": beside})))
    assert "| triage | 30 | 20 | – | 10 | – | – |" in page.splitlines()


def test_a_rival_that_did_not_start_is_said_so() -> None:
    """Who is not there cannot be ahead: an empty row would pass for a win."""
    page = _page({"ours": OURS}, quix="it ended: no | module")
    assert "| Quix Streams | 0 | did not run: it ended: no / module | – | – |" in page
    assert "triage beside Quix Streams: not known, it did not run." in page
