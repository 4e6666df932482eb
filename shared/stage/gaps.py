"""Is the log still the one we know? If not: stop, and let a person decide."""

from shared.contracts.envelope import Record
from shared.stage.batch import Claim, LogEnds, last_of


class Stopped(Exception):
    """The stage stands still on purpose; nothing is recorded, nothing is acked."""

    def __init__(self, code: str, why: str, where: str = "") -> None:
        """Carry a code for scripts, one sentence, and topic-partition."""
        super().__init__(f"{where}: {why}" if where else why)
        self.code, self.why, self.where = code, why, where

    def at(self, topic: str, partition: int) -> "Stopped":
        """The same, with its place."""
        return Stopped(self.code, self.why, f"{topic}-{partition}")


def position(claim: Claim, topic: str, *, ends: LogEnds) -> int:
    """Where to read on: the last record done if the log still has it, else the next."""
    following = claim.offsets.get(topic)
    if following is None:
        return ends.first
    if ends.end < following:
        raise Stopped(
            "topic_made_anew",
            f"the log ends at {ends.end}, we were at {following}; if the topic was made anew: "
            "kulanse checkpoint restart",
        )
    if ends.first > following:
        raise Stopped(
            "records_gone",
            f"records {following} to {ends.first - 1} are gone (retention) before they were read: "
            "kulanse checkpoint accept-gap",
        )
    last = claim.last.get(topic)
    return last[0] if last and ends.first <= last[0] < following else following


def check_record(claim: Claim, record: Record) -> None:
    """The last record done, seen again, must be the same one; nothing before it may come."""
    last = claim.last.get(record.topic)
    if last and record.offset < last[0]:
        # We never ask for it: the log began again under a running worker.
        raise Stopped(
            "topic_made_anew",
            f"the log jumped back to {record.offset}, we were at {last[0]}; if the topic was made "
            "anew: kulanse checkpoint restart",
            f"{record.topic}-{record.partition}",
        )
    if last and record.offset == last[0] and last_of(record) != tuple(last):
        raise Stopped(
            "topic_made_anew",
            f"another record lies at offset {record.offset} than the one we did: "
            "kulanse checkpoint restart",
            f"{record.topic}-{record.partition}",
        )
