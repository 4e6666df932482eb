"""Every metric there is: name, kind, unit, labels, and what it means. Nothing else may be counted.

A label takes few values, all of them ours (a stage, a type of `shared/contracts`, a code); nothing
that a stranger wrote, no id, nobody's name. `docs/reference/metrics.md` is made from this file.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
# How the workers of one stage add up: each counts its own, or all see the same ledger.
Across = Literal["sum", "max"]

# A stage's share of the way: milliseconds when all is well, hours after an outage.
STAGE_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
# A complaint's whole way: the promises of the domain are 60 s, a day, three days, ten days.
COMPLAINT_S = (0.1, 0.5, 1.0, 5.0, 20.0, 60.0, 300.0, 3600.0, 86_400.0, 259_200.0, 864_000.0)
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One name. `unit` "" is a plain count. `buckets`: of a histogram, in its unit."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    unit: str = ""
    across: Across = "sum"
    buckets: tuple[float, ...] = ()


LABELS = {
    "stage": "intake, triage, recovery, notify, desk",
    "door": "intake, desk",
    "topic": "a topic of the contracts; complaints.submitted.SOURCE counts as complaints.submitted",
    "result": "decided, skipped (decided before), dead (a dead letter)",
    "type": "an event type of the contracts",
    "code": "a code of ours or of the validator, as in `kulanse dlq list`",
    "milestone": "registered, triaged, proposed, approved, settled, acknowledged, answered",
    "kind": "an effect's (book, stripe, grant, grant_end, order_lookup; mail, reply, hook, sms, "
    "alert, call, staff; timer), or a "
    "promise's (first_touch, final_answer, payout, task, follow_up, report)",
    "state": "of an effect: pending, in_flight, posted, failed, unknown, manual, voided; of a "
    "promise: made, at_risk, broken, kept; of a payout: pending, exported; of a case: open, "
    "due_soon (within an hour), overdue",
    "gesture": "a gesture of the catalogue; of a budget also all (the day's)",
    "currency": "ISO 4217",
    "outcome": "granted, offered, asked, with_person, no_action",
    "approval": "automatic, team_lead, manager, person",
    "note": "what a receipt notes: duplicate, id_reused, automatic, reply",
    "switch": "payouts, messages, automatic",
    "severity": "critical, high, medium, low",
    "route": "a path of the door with its parts named, or `none`",
    "method": "GET, POST, …, or `other`",
    "status": "the HTTP status of the answer; 500 when there was none",
}

CATALOGUE = (
    Metric("kulanse_ready", "gauge", ("stage",), "1 when /ready says so, else 0."),
    Metric(
        "kulanse_stopped", "gauge", ("stage", "code"), "1 while a stage stands still on purpose."
    ),
    Metric("kulanse_partitions", "gauge", ("stage",), "Partitions that this worker has claimed."),
    Metric(
        "kulanse_records_total",
        "counter",
        ("stage", "topic", "result"),
        "Records done, by what became of them.",
    ),
    Metric("kulanse_batches_total", "counter", ("stage",), "Batches done."),
    Metric("kulanse_events_total", "counter", ("stage", "type"), "Events decided (in)."),
    Metric("kulanse_emitted_total", "counter", ("stage", "type"), "Events that followed (out)."),
    Metric(
        "kulanse_noted_total",
        "counter",
        ("stage", "note"),
        "Messages taken in whose receipt notes something, as an id that came with other words.",
    ),
    Metric(
        "kulanse_dead_letters_total",
        "counter",
        ("stage", "topic", "code"),
        "Dead letters, by the topic they came from and the first fault.",
    ),
    Metric(
        "kulanse_stage_seconds",
        "histogram",
        ("stage",),
        "From a record's time in the log until its decision was recorded and sent.",
        unit="seconds",
        buckets=STAGE_S,
    ),
    Metric(
        "kulanse_complaint_seconds",
        "histogram",
        ("stage", "milestone"),
        "From a complaint's coming to each milestone; of complaints that this process saw come.",
        unit="seconds",
        buckets=COMPLAINT_S,
    ),
    Metric("kulanse_lag_records", "gauge", ("stage",), "Records in the log that were not fetched."),
    Metric(
        "kulanse_lag_age_seconds",
        "gauge",
        ("stage",),
        "Age of the oldest event that is not done; 0 when there is none. Measured every 10 s.",
        unit="seconds",
        across="max",
    ),
    Metric(
        "kulanse_disk_free_ratio",
        "gauge",
        ("stage",),
        "Free share of the disk under the state folder; in Compose that is the host's.",
        unit="ratio",
        across="max",
    ),
    Metric(
        "kulanse_ledger_up", "gauge", ("stage",), "1 when the ledger answered the last question."
    ),
    Metric(
        "kulanse_held",
        "gauge",
        ("stage",),
        "1 while the dispatcher waits for a person: nothing is paid or sent.",
        across="max",
    ),
    Metric("kulanse_paused", "gauge", ("stage", "switch"), "1 while somebody has it paused."),
    Metric(
        "kulanse_effects",
        "gauge",
        ("stage", "kind", "state"),
        "Effects in the ledger, by state.",
        across="max",
    ),
    Metric(
        "kulanse_effects_oldest_seconds",
        "gauge",
        ("stage", "kind", "state"),
        "How long the oldest open effect has been due.",
        unit="seconds",
        across="max",
    ),
    Metric(
        "kulanse_effects_finished_total",
        "counter",
        ("stage", "kind", "state"),
        "Attempts at effects, by what they led to.",
    ),
    Metric(
        "kulanse_gestures_total",
        "counter",
        ("stage", "gesture", "currency", "state"),
        "Gestures with a value: in_flight (with the bank), posted (given), failed, manual.",
    ),
    Metric(
        "kulanse_gesture_minor_total",
        "counter",
        ("stage", "gesture", "currency", "state"),
        "Their value, in minor units.",
        unit="minor",
    ),
    Metric(
        "kulanse_recoveries_total",
        "counter",
        ("stage", "outcome", "approval"),
        "Recoveries proposed, by outcome and who must sign.",
    ),
    Metric(
        "kulanse_promises_total",
        "counter",
        ("stage", "kind", "state"),
        "Promises made, kept, at risk and broken.",
    ),
    Metric(
        "kulanse_payouts",
        "gauge",
        ("stage", "currency", "state"),
        "Payouts that finance has not confirmed.",
        across="max",
    ),
    Metric(
        "kulanse_payouts_minor",
        "gauge",
        ("stage", "currency", "state"),
        "Their sum, in minor units.",
        unit="minor",
        across="max",
    ),
    Metric(
        "kulanse_budget_used_ratio",
        "gauge",
        ("stage", "gesture", "currency"),
        "Share of today's budget that machines have given away; gesture `all` is the day's.",
        unit="ratio",
        across="max",
    ),
    Metric(
        "kulanse_budget_stopped",
        "gauge",
        ("stage", "gesture", "currency"),
        "Decisions of today that went to a person because this budget had too little left.",
        across="max",
    ),
    Metric(
        "kulanse_cases",
        "gauge",
        ("stage", "severity", "state"),
        "Cases that wait for a person, by how their deadline stands.",
        across="max",
    ),
    Metric(
        "kulanse_mystery_well",
        "gauge",
        (),
        "1 when the mystery shopper's last visit was right and in time, else 0.",
    ),
    Metric(
        "kulanse_mystery_seconds",
        "gauge",
        ("milestone",),
        "How long each milestone of the last visit took.",
        unit="seconds",
    ),
    Metric(
        "kulanse_mystery_visited_seconds",
        "gauge",
        (),
        "When the last visit ended, in Unix time.",
        unit="seconds",
    ),
    Metric(
        "kulanse_door_requests_total",
        "counter",
        ("door", "method", "route", "status"),
        "HTTP requests answered.",
    ),
    Metric(
        "kulanse_door_seconds",
        "histogram",
        ("door", "route"),
        "From a request's first byte to the last of its answer.",
        unit="seconds",
        buckets=REQUEST_S,
    ),
)
BY_NAME = {metric.name: metric for metric in CATALOGUE}
