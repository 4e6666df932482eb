"""Whatever goes wrong becomes one line for people, or one object for scripts, and an exit code.

0 done · 1 refused, invalid or failed · 2 not called like that · 3 a broker or a service does not
answer · 70 a bug of ours · 130 interrupted · 141 the reader of our output went away.
"""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import orjson
import typer

from shared.errors import Fault, Invalid, Refused

OK, FAILED, USAGE, UNREACHABLE, BUG, INTERRUPTED, NO_READER = 0, 1, 2, 3, 70, 130, 141
DEBUG = "KULANSE_DEBUG"


class Unreachable(Refused):
    """A broker or a service that does not answer: exit code 3."""


class BadInput(Invalid):
    """An input of ours (a file, an option, an argument) that cannot be used."""

    def __init__(self, code: str, field: str, hint: str) -> None:
        """Carry the one fault: a stable code, the option or argument, what to do."""
        super().__init__(Fault(code, field, hint))


@dataclass(frozen=True, slots=True)
class Failure:
    """What is said: a stable code, the field or option (may be empty), what to do."""

    code: str
    field: str
    hint: str
    exit_code: int

    def line(self) -> str:
        """For people: one line."""
        where = f"{self.field}: " if self.field else ""
        return f"kulanse: {where}{' '.join(self.hint.split())} [{self.code}]"

    def json(self) -> bytes:
        """For scripts: one object."""
        return orjson.dumps(
            {"error": {"code": self.code, "field": self.field, "hint": self.hint}},
            default=str,
        )


def guarded(call: Callable[[], int | None], *, as_json: bool) -> int:
    """Run a verb; its exit code. No traceback reaches a user, unless KULANSE_DEBUG=1 asks."""
    try:
        code = call() or OK
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 -- the one place where all of them end
        if os.environ.get(DEBUG) and not isinstance(error, typer.Exit):
            traceback.print_exc()
        return _ended(error, as_json=as_json)
    return code


def _ended(error: BaseException, *, as_json: bool) -> int:
    if isinstance(error, typer.Exit):
        return error.exit_code
    # Typer turns a reader that went away into SystemExit(1), with the reason behind it.
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        # Python flushes stdout once more on the way out, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    failures = failures_of(error)
    for failure in failures:
        _say(failure.json().decode() if as_json else failure.line())
    return failures[0].exit_code


def _say(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        return  # nobody listens; the exit code still tells


def failures_of(error: BaseException) -> tuple[Failure, ...]:
    """An exception in words: one failure, or one for each fault of an invalid message."""
    match error:
        case Invalid():
            return tuple(Failure(f.code, f.field, f.hint, FAILED) for f in error.faults)
        case Refused():
            code = UNREACHABLE if isinstance(error, Unreachable) else FAILED
            return (Failure(error.code, "", f"{error.message} {error.hint}".strip(), code),)
        case KeyboardInterrupt() | typer.Abort():
            return (Failure("interrupted", "", "interrupted", INTERRUPTED),)
        case _ if hasattr(error, "format_message"):  # how Typer says that a call is wrong
            return (Failure("usage", "", _usage(error), USAGE),)
        case _:
            hint = f"internal error ({type(error).__name__}): run with {DEBUG}=1 to see where"
            return (Failure("internal_error", "", hint, BUG),)


def _usage(error: BaseException) -> str:
    message = str(getattr(error, "format_message", error.__str__)())
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "kulanse")
    said = " ".join(message.split()).rstrip(".")
    verbs = getattr(getattr(context, "command", None), "commands", {})
    if said == "Missing command":
        said = f"Say what to do: {', '.join(verbs)}"
    end = "" if said.endswith("?") else "."
    return f"{said}{end} Try `{path} --help`."
