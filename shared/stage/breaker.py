"""When invalid records on our own topics mean a bad deploy: stop rather than divert the topic.

On topics that others write nothing is stopped; there every bad record is its sender's.
"""

from dataclasses import dataclass

IN_A_ROW_MAX = 50
WINDOW = 1_000  # records; the counts are halved here, so that old ones fade
SHARE_MAX = 0.05  # 5 % of the window …
SEEN_MIN = 200  # … once that many were seen, so that the first bad record does not trip it


@dataclass(frozen=True, slots=True)
class Health:
    """How many records of a partition were invalid: in a row, and lately.

    Below nought: so many more a person has allowed (`repairs.accept_invalid`); good records in
    between use none of it up.
    """

    in_a_row: int = 0
    invalid: int = 0
    seen: int = 0

    def after(self, *, valid: bool) -> "Health":
        """The health with one more record."""
        seen, invalid = self.seen + 1, self.invalid + (not valid)
        if seen >= WINDOW:
            seen, invalid = seen // 2, invalid // 2
        in_a_row = min(self.in_a_row, 0) if valid else self.in_a_row + 1
        return Health(in_a_row, invalid, seen)

    @property
    def tripped(self) -> bool:
        """Too much is wrong for it to be the messages' fault."""
        lately = self.seen >= SEEN_MIN and self.invalid > SHARE_MAX * self.seen
        return self.in_a_row >= IN_A_ROW_MAX or lately


HEALTHY = Health()
