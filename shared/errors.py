"""The three kinds of failure, and what each means to a stage.

`Invalid`: the message's fault; it becomes a dead letter and the rest goes on.
`Transient`: the world's fault; tried again with backoff before anything was recorded.
Anything else is ours: the process ends, nothing was acked, the supervisor starts it again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a message: where it is, what it is, what to do about it.

    `field` is a dotted path ("order.payments.0.currency") or "" for the whole message.
    """

    code: str
    field: str
    hint: str


class Invalid(Exception):
    """A message that can never be accepted as it is: every fault, not only the first."""

    def __init__(self, *faults: Fault) -> None:
        """Carry the faults, at least one."""
        super().__init__("; ".join(f"{f.code} at {f.field or 'message'}: {f.hint}" for f in faults))
        self.faults = faults

    @property
    def first(self) -> Fault:
        """The fault that a one-line report names."""
        return self.faults[0]


class Transient(Exception):
    """The world does not answer just now; the same call may succeed later."""


class Refused(Exception):
    """Something a person asked for that cannot be done: one line, and what to do instead."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        """Carry a stable code for scripts, and two sentences for people."""
        super().__init__(f"{message} {hint}".strip())
        self.code, self.message, self.hint = code, message, hint
