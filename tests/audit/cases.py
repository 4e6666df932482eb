"""The faults of AUDIT.md by their numbers, and the mutants that one of them must give away."""

from functools import partial

from tests.audit import (
    databases,
    deploys,
    disks,
    hours,
    kafka,
    mixtures,
    partners,
    processes,
    records,
    restored,
    scarce,
)
from tests.audit.case import Case, Strike
from tests.audit.mutants import ANOTHER_KEY, MADE
from tests.audit.zombie import wake_late
from tests.fake_stripe import Fault as Trouble

# Past a member's session (10 s), as a zombie that comes back with what it had fetched.
ZOMBIE_S, NAP_S = 30.0, 3.0
BROKER_AWAY_S, BROKER_LATE_S = 70.0, 20.0
LONG_AWAY_S = 600.0
# Longer than a member may stay away from a rebalance, and than a worker may stand still.
TOO_LONG_S, LOOP_BLOCKED_S = 70.0, 15.0
# Few complaints come to a refund: of each trouble of the provider's some are to be seen.
MORE = 3
# So slowly that a hundred complaints come as long as the fault lasts.
SLOWLY_S = 2.5
MUTANT_S_MAX = 40.0
SEEDS, HALF_LOAD_S = 10, 0.8

AFTER: tuple[Trouble, ...] = ("timeout_after",)
HALVES: tuple[Trouble, ...] = ("500_after", "500_without", "reset")
WEATHER: tuple[Trouble, ...] = ("429", "503", "409", "slow", "garbage", "wrong_amount")
MONEY = ("recovery",)
ALL = ("intake", "triage", "recovery", "notify", "desk")
dies = processes.die_at
ails = partners.ail_provider
FAULTS = (
    Case("F1", processes.kill_each),
    Case("F2", partial(dies, where="after:stripe", who=MONEY)),
    Case("F3", partial(dies, where="recorded", who=ALL)),
    Case("F4", partial(dies, where="emitted", who=ALL)),
    Case("F5", partial(dies, where="before:stripe", who=MONEY)),
    Case("F6", processes.terminate_all),
    Case("F7", partial(wake_late, seconds=ZOMBIE_S)),
    Case("F8", partial(processes.freeze, name="recovery", seconds=NAP_S)),
    Case("F9", processes.rebalance),
    Case("F10", partial(processes.block, seconds=TOO_LONG_S, name="recovery")),
    Case("F11", processes.restart_each),
    Case("F12", partial(kafka.lose_broker, away_s=BROKER_AWAY_S)),
    Case("F13", partial(kafka.lose_broker, away_s=LONG_AWAY_S)),
    Case("F14", kafka.was_late, broker_late_s=BROKER_LATE_S),
    Case("F15", kafka.hang_broker),
    Case("F16", kafka.cut_one_side),
    Case("F17", kafka.swallow_answers),
    Case("F18", kafka.slow_wire),
    Case("F19", databases.away),
    Case("F20", databases.cut_commits),
    Case("F21", databases.refuse_some),
    *(
        Case(f"F22 {place}", partial(scarce.full_disk, place=place), small=place, pause_s=SLOWLY_S)
        for place in (disks.LEDGER, disks.KAFKA, disks.LOGS)
    ),
    Case("F23", databases.slow_and_broken_disk, pause_s=SLOWLY_S),
    Case("F24", partial(ails, troubles=AFTER)),
    Case("F25", partial(ails, troubles=HALVES), times=MORE),
    Case("F26", partial(ails, troubles=WEATHER), times=MORE),
    Case("F27", partners.forget_keys, environment=partners.FORGETFUL),
    Case("F28", partners.ail_relay),
    Case("F29", hours.astray, own=hours.OWN, times=MORE, pause_s=SLOWLY_S),
    Case("F30 blocked", partial(processes.block, seconds=LOOP_BLOCKED_S, name="triage")),
    Case("F30 starved", processes.starve),
    Case("F31 files", partial(scarce.few_files, name="intake")),
    Case("F31 memory", partial(scarce.little_memory, name="notify")),
    Case("F32", records.replay),
    Case("F33", deploys.bad_deploy),
    Case("F34", records.flood),
    Case("F35", restored.put_back),
    Case("F36", deploys.mixed, own=deploys.VERSIONS, pause_s=SLOWLY_S),
    *(Case(f"F37 {number}", mixtures.three_at_once) for number in range(1, SEEDS + 1)),
    Case("soak", mixtures.all_along, pause_s=HALF_LOAD_S, soaks=True),
)
STRIKES: dict[str, Strike] = {
    "acks_first": partial(dies, where="decided", who=MONEY),
    ANOTHER_KEY: partial(ails, troubles=AFTER),
    "forgets_outputs": partial(dies, where="recorded", who=ALL),
    "ignores_owner": partial(wake_late, seconds=ZOMBIE_S),
    "does_not_wait": partial(dies, where="cleared", who=ALL),
    # Seen only where something is in hand at the signal, which one alone does not promise.
    "acks_along": partial(processes.terminate_all, times=4),
}
assert {*STRIKES} == {ANOTHER_KEY, *MADE}
MUTANTS = tuple(
    Case(
        f"mutant {name}",
        strike,
        environment=(("AUDIT_MUTANT", name),),
        quiet_s_max=MUTANT_S_MAX,
        mutant=True,
    )
    for name, strike in STRIKES.items()
)
CASES = {case.name: case for case in (*FAULTS, *MUTANTS)}
