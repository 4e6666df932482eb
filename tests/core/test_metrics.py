"""What is counted: the right things, under few labels, and nothing personal."""

import re
from collections import Counter
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shared.contracts.envelope import Outgoing
from shared.contracts.topics import SUBMITTED
from shared.metrics.board import OTHER, ROWS_MAX, Board
from shared.metrics.catalogue import CATALOGUE, LABELS
from shared.metrics.reference import PAGE, render
from tests.everybody import Everybody

MESSAGE = {
    "channel": "email",
    "channel_message_id": "m-1",
    "complainant": {"email": "ingrid@example.com", "name": "Ingrid Eksempel"},
    "text": "Hei, kaffetrakteren jeg kjøpte for 399 kr lekker. Jeg vil ha pengene tilbake.",
}


@pytest.fixture
async def everybody(tmp_path: Path) -> Everybody:
    """Five services that have done one good complaint, its copy, and one that is none."""
    all_of_them = Everybody(tmp_path)
    await all_of_them.start()
    all_of_them.submit(MESSAGE)
    all_of_them.submit(MESSAGE)
    all_of_them.submit(b"{")
    await all_of_them.work()
    return all_of_them


async def test_records_and_events_are_counted(everybody: Everybody) -> None:
    """Ops would not see what goes in, what comes out, and what was refused."""
    records = everybody.rows("kulanse_records_total")
    submitted = {row[2]: n for row, n in records.items() if row[1] == "complaints.submitted"}
    assert submitted == {"decided": 2, "dead": 1, "skipped": 0}
    assert everybody.rows("kulanse_dead_letters_total") == {
        ("intake", "complaints.submitted", "json_invalid"): 1
    }
    events, emitted = (
        everybody.rows("kulanse_events_total"),
        everybody.rows("kulanse_emitted_total"),
    )
    assert events["triage", "kulanse.complaint.registered.v1"] == 1
    assert emitted["triage", "kulanse.complaint.triaged.v1"] == 1


async def test_an_id_that_comes_with_other_words_is_counted(everybody: Everybody) -> None:
    """The alarm (49, 54) would have nothing to count, or count what is only sent twice."""
    before = everybody.rows("kulanse_noted_total")
    assert (before["intake", "duplicate"], before["intake", "id_reused"]) == (1, 0)
    everybody.submit({**MESSAGE, "text": "Den lekker fortsatt."})
    await everybody.work()
    assert everybody.rows("kulanse_noted_total")["intake", "id_reused"] == 1


async def test_a_senders_own_headers_count_for_nothing(tmp_path: Path) -> None:
    """A stranger could end a stage, or make rows in Prometheus, by naming a header like ours."""
    everybody = Everybody(tmp_path)
    await everybody.start()
    theirs = (("dl_topic", b"ingrid@example.com"), ("dl_code", b"ingrid"))
    everybody.log.append(Outgoing(SUBMITTED.name, None, b"{", theirs, partition=0))
    await everybody.work()
    assert everybody.rows("kulanse_dead_letters_total") == {
        ("intake", "complaints.submitted", "json_invalid"): 1
    }


async def test_a_replay_is_counted_as_skipped(everybody: Everybody) -> None:
    """Records decided before would look like new work, or like lost records."""
    triage = everybody.services["triage"]
    for place in triage.worker.positions:
        triage.worker.positions[place] = 0
    triage.worker.runner.claims = {
        partition: type(claim)(claim.owner, {}, {}, stored_offsets=claim.stored_offsets)
        for partition, claim in triage.worker.runner.claims.items()
    }
    before = triage.rows("kulanse_records_total")
    await triage.work()
    after = triage.rows("kulanse_records_total")
    registered = ("triage", "complaints.registered")
    assert after[(*registered, "decided")] == before[(*registered, "decided")]
    assert after[(*registered, "skipped")] == before[(*registered, "decided")]


async def test_the_way_of_a_complaint_is_timed(everybody: Everybody) -> None:
    """Nobody could see how long people wait for a word."""
    boards = {name: service.board for name, service in everybody.services.items()}
    for stage, milestone in (
        ("intake", "registered"),
        ("triage", "triaged"),
        ("recovery", "proposed"),
        ("notify", "acknowledged"),
    ):
        counted = boards[stage].count_of("kulanse_complaint_seconds", (stage, milestone))
        assert (milestone, 1) == (milestone, counted)
    assert boards["triage"].count_of("kulanse_stage_seconds", ("triage",)) >= 1


def sent(folder: Path) -> Counter[str]:
    """How many messages lie in the outbox, by kind.

    It depends on the day: the complaint is of November 2026, and the dispatcher's clock is ours.
    """
    return Counter(letter.parent.name for letter in folder.rglob("*.eml"))


async def test_the_ledgers_are_asked(everybody: Everybody, tmp_path: Path) -> None:
    """Effects that hang, and an installation that is held, would be seen by nobody."""
    effects = everybody.rows("kulanse_effects")
    left = sent(tmp_path)
    assert left["mail"] >= 1
    assert {kind: effects["notify", kind, "posted"] for kind in left} == left
    assert set(everybody.rows("kulanse_held").values()) == {0.0}
    assert set(everybody.rows("kulanse_ledger_up").values()) == {1.0}
    assert everybody.rows("kulanse_promises_total")["triage", "final_answer", "made"] == 1
    assert sum(everybody.rows("kulanse_recoveries_total").values()) == 1


async def test_every_name_and_label_shown_is_of_the_catalogue(everybody: Everybody) -> None:
    """A metric nobody described would be on a dashboard, and one day gone."""
    registry = CollectorRegistry()
    shown = set()
    for service in everybody.services.values():
        registry.register(service.board)
        text = generate_latest(registry).decode()
        registry.unregister(service.board)
        shown |= set(re.findall(r"^(\w+?)(?:_bucket|_count|_sum)?\{([^}]*)\}", text, re.MULTILINE))
    known = {metric.name: set(metric.labels) for metric in CATALOGUE}
    for name, labels in shown:
        said = set(re.findall(r'(\w+)="', labels)) - {"le"}
        assert (name, said) == (name, known[name])
        assert "ingrid" not in labels.lower()


def test_the_page_names_every_kind_of_effect(everybody: Everybody) -> None:
    """Ops would see a kind on a panel that no page explains."""
    kinds = {kind for each in everybody.services.values() for kind in each.stage.performers}
    assert {kind for kind in (*kinds, "timer", "stripe") if kind not in LABELS["kind"]} == set()


def test_a_bug_cannot_fill_prometheus() -> None:
    """A label that takes any value would grow without end."""
    board = Board()
    for number in range(ROWS_MAX + 50):
        board.add("kulanse_dead_letters_total", {("intake", "t", f"code-{number}"): 1})
    rows = board.rows("kulanse_dead_letters_total")
    assert len(rows) == ROWS_MAX + 1
    assert rows["intake", OTHER, OTHER] == 50


def test_a_name_outside_the_catalogue_is_refused() -> None:
    """A typing mistake would count into nothing."""
    with pytest.raises(KeyError):
        Board().add("kulanse_typo_total", {("intake",): 1})


def test_the_catalogue_keeps_its_own_rules() -> None:
    """A name would not say its unit, or a label would have no meaning."""
    for metric in CATALOGUE:
        assert metric.name.startswith("kulanse_")
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert (metric.kind == "histogram") == bool(metric.buckets), metric.name
        assert metric.unit in ("", "seconds", "minor", "ratio")
        assert metric.unit in metric.name, metric.name
        assert set(metric.labels) <= set(LABELS), metric.name
        assert metric.help.endswith("."), metric.name
    used = {label for metric in CATALOGUE for label in metric.labels}
    assert set(LABELS) == used


def test_the_page_is_what_the_catalogue_says() -> None:
    """`docs/reference/metrics.md` would tell of yesterday: `python -m shared.metrics.reference`."""
    assert render() == PAGE.read_text(encoding="utf-8")
