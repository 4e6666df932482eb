"""A long history that a benchmark makes of a short one, and how its cost is told."""

from pathlib import Path

from sqlalchemy import func, select

from benchmarks.figures import Figures, Growth, Of, Paces, Whole, Wholes
from benchmarks.growth import fill
from benchmarks.page import told
from benchmarks.watching import Watched
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.ledger.tables import checkpoints, effects, history, reserves
from shared.settings import Settings

OF = Of(commit="abc", cores=2, load_before=0.1, minutes=1, python="3.13")
WHOLE = Whole(
    offered_per_s=200,
    sent_per_s=199,
    complaints=100,
    done=90,
    looked=7,
    done_per_s=199,
    p50_ms=40,
    p95_ms=90,
    p99_ms=260,
    cpu_us={"intake": 100, "broker": 50},
    rss_mb={"intake": 80, "broker": 400},
)


def test_a_ledger_is_filled_with_as_many_others(tmp_path: Path) -> None:
    """A history that is not there costs nothing, and every cost would look flat."""
    engine = open_engine(Settings(state_dir=tmp_path), "triage")
    migrate(engine, "triage")
    row = {"event_id": "e", "key": "k", "type": "t", "at": "2026-11-16", "data": "{}"}
    place = {"partition": 0, "owner": "me", "offsets": "{}", "last": "{}", "attempts": 0}
    with engine.begin() as connection:
        connection.execute(history.insert(), [row])
        connection.execute(reserves.insert(), [{"name": "r", "used": 1}])
        connection.execute(checkpoints.insert(), [{**place, "health": "{}"}])
    engine.dispose()
    fill(tmp_path / "triage.db", tmp_path / "long", times=3)
    filled = open_engine(Settings(state_dir=tmp_path / "long"), "triage")
    tables = (history, reserves, effects, checkpoints)
    with filled.connect() as connection:
        counts = [connection.scalar(select(func.count()).select_from(each)) for each in tables]
        assert connection.scalar(select(func.count(history.c.key.distinct()))) == 3
    filled.dispose()
    assert counts == [3, 3, 0, 0]


def test_what_grew_is_said() -> None:
    """A cost that doubles with the years would stand in a table that nobody reads."""
    by_cases = {"10000": Paces(per_s=[9], cpu_us=[100]), "1000000": Paces(per_s=[5], cpu_us=[200])}
    page = told(Figures(growth=Growth(of=OF, history={"notify": by_cases}, backlog=WHOLE)))
    assert "| notify, cases before | 1,000,000 | 200 | 5 | 2.00 (2.00 to 2.00) |" in page
    assert "- notify with 1,000,000 cases before: 2.00 of the CPU." in page


def test_slow_ends_are_said() -> None:
    """A missed target would have to be looked for."""
    whole = Wholes(of=OF, found={"without the desk": WHOLE, "200/s": WHOLE})
    page = told(Figures(end_to_end=whole, latency=whole))
    assert "| without the desk | 100 | 90 | 199 | 150 |" in page
    assert "- end to end, without the desk: 199/s, and 500 was wanted." in page
    assert "- p99 at 200/s: 260 ms, and less than 250 was wanted." in page
    assert "| 200/s | 199/s | 100 | 90 | 7 | 40 | 90 | 260 |" in page


def test_a_pace_counts_what_was_made_in_its_time() -> None:
    """A round's outputs come at once: without the time they were made in, a pace would be luck."""
    run = Watched(began_ms=1_000, ended_ms=4_000, outputs=30, cpu_s=0.3)
    assert run.outputs_per_s() == 10
    assert run.cpu_us_an_output() == 10_000
