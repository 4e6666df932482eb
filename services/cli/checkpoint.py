"""`kulanse checkpoint`: how far a service is, and the way out when its log is another one."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

DAYS_COMPARED = 35  # longer than any backup that is put back
app = typer.Typer(help="How far a service is; repairs when its log changed.")

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="intake, triage, recovery …")]
Topic = Annotated[str, typer.Argument(metavar="TOPIC")]
Partition = Annotated[int, typer.Argument(metavar="PARTITION", min=0)]
ToOffset = Annotated[
    int | None,
    typer.Option("--to", min=0, help="the first offset that is still there; asked of the broker"),
]
Many = Annotated[int, typer.Option("--many", min=1, max=100_000, help="so many, and no more")]
Actor = Annotated[str, typer.Option("--actor", help="who does it: a name, kept in the ledger")]
Reason = Annotated[str, typer.Option("--reason", help="why, kept in the ledger")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command()
def show(service: Service, *, as_json: Json = False) -> None:
    """Show each partition's place, and who repaired what."""
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.repairing import shown_json, shown_lines

    with ledger(service) as engine:
        if as_json:
            print_json(shown_json(service, engine))
            return
        for line in shown_lines(service, engine):
            say(line)


@app.command("accept-gap")
def accept_gap(  # signature: typer
    service: Service,
    topic: Topic,
    partition: Partition,
    *,
    to: ToOffset = None,
    actor: Actor,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Go on after records that were lost to retention."""
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.repairing import first_offset, named
    from shared.errors import Refused
    from shared.stage import repairs

    who, why = named(actor, reason)
    with ledger(service) as engine:
        first = first_offset(topic, partition) if to is None else to
        done = repairs.accept_gap(
            engine, (topic, partition), to_offset=first, actor=who, reason=why
        )
    if done is None:
        message = f"{service} has no gap before offset {first} of {topic}-{partition}."
        raise Refused("no_gap", message, f"Look: `kulanse checkpoint show {service}`.")
    if as_json:
        print_json({"service": service, **_plain(done)})
    else:
        lost = f"{done.before} to {first - 1}"
        say(f"{service} goes on at {first} in {topic}-{partition}; records {lost} are lost.")
        say(f"Start {service} again.")


@app.command("accept-invalid")
def accept_invalid(  # signature: typer
    service: Service,
    partition: Partition,
    *,
    many: Many,
    actor: Actor,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Go on past records of a bad deploy: they become dead letters."""
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.repairing import named
    from shared.errors import Refused
    from shared.stage import repairs

    who, why = named(actor, reason)
    with ledger(service) as engine:
        done = repairs.accept_invalid(engine, partition, many=many, actor=who, reason=why)
    if not done:
        message = f"{service} never had partition {partition}."
        raise Refused("never_had", message, f"Look: `kulanse checkpoint show {service}`.")
    if as_json:
        print_json({"service": service, "partition": partition, "many": many})
    else:
        say(f"{service} buries up to {many} records of partition {partition} that it cannot read.")
        say(f"Start {service} again.")


@app.command()
def restart(
    service: Service, topic: Topic, *, actor: Actor, reason: Reason, as_json: Json = False
) -> None:
    """Read a topic that was made anew from its beginning."""
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.repairing import named, require_anew
    from shared.errors import Refused
    from shared.stage import repairs

    who, why = named(actor, reason)
    with ledger(service) as engine:
        require_anew(topic, repairs.marks(engine, topic))
        done = repairs.restart(engine, topic, actor=who, reason=why)
    if not done:
        message = f"{service} never read {topic}."
        raise Refused("never_read", message, f"Look: `kulanse checkpoint show {service}`.")
    if as_json:
        print_json({"service": service, "repairs": [_plain(each) for each in done]})
    else:
        say(f"{service} reads {topic} from its beginning in {len(done)} partitions.")
        say(f"Start {service} again.")


@app.command()
def resume(service: Service, *, actor: Actor, reason: Reason, as_json: Json = False) -> None:
    """Let a held dispatcher pay and send again, after matching with the log and the provider."""
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.repairing import named
    from shared.stage import checkpoint, repairs

    who, why = named(actor, reason)
    with ledger(service) as engine:
        matched = _matched(service, engine) if repairs.held(engine) else 0
        was_held = checkpoint.resume(engine, actor=who, reason=why)
    if as_json:
        print_json({"service": service, "was_held": was_held, "matched": matched})
        return
    say(f"{service}'s dispatcher {'acts again' if was_held else 'was not held'}.")
    if matched:
        say(f"{matched} effects were done before the restore; they are not done again.")


def _matched(service: str, engine: "Engine") -> int:
    """What the log knows is done; of money, the rest is asked for first, or compared by finance."""
    from services.cli.reconciling import differences, match_effects
    from services.cli.report import summary
    from services.recovery import payouts
    from shared.errors import Refused
    from shared.stage import adopting

    matched = match_effects(service, engine)
    if service != "recovery":
        return matched
    adopting.ask_first(engine, ("stripe",))
    payouts.may_have_left(engine)
    found = [each for each in differences(DAYS_COMPARED) if each.code != "unknown_here"]
    if found:
        message = f"The books and the provider differ: {summary(tuple(found))}."
        raise Refused("not_reconciled", message, "Look: kulanse report reconcile.")
    return matched


def _plain(done: object) -> dict[str, object]:
    from dataclasses import asdict, is_dataclass

    return asdict(done) if is_dataclass(done) and not isinstance(done, type) else {}
