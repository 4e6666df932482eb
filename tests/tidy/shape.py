"""Rules of shape: how wide, how long, how many, and what a module may be called."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.tidy.source import Function, Source

COLUMNS_MAX = 100
LINES_MAX = 300
FUNCTION_LINES_MAX = 50
PARAMETERS_MAX = 5
POSITIONAL_MAX = 2
NAMELESS = re.compile(r"(^|_)(utils?|helpers?|managers?)$|^(base|common)$")

# Whose signatures we must take as they are: `def f(a, b, c):  # signature: structlog`.
DICTATORS = {
    "aiokafka": "rebalance listeners and partitioners",
    "aiosmtpd": "handle_RCPT and its kin pass five arguments by position",
    "alembic": "env.py's hooks",
    "faust": "the overrides of its consumer and transport",
    "fastapi": "route and exception handlers: a parameter is a part of the request",
    "hypothesis": "rules of a state machine",
    "pydantic": "wrap validators",
    "pytest": "hooks: fixtures and tests are known without asking",
    "quix": "apply calls with value, key, timestamp and headers",
    "sqlalchemy": "event listeners pass up to six arguments by position",
    "stage": "decide(event, history, policy): the runner calls it by position",
    "structlog": "a processor takes logger, method name and event",
    "typer": "an option of a verb is a parameter",
}
SIGNATURE = re.compile(r"# signature: (\w+)")


def too_wide(source: Source) -> Iterator[str]:
    """A line ends at 100 columns."""
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f"{source.path}:{number}: {len(line)} columns"


def too_long(source: Source) -> Iterator[str]:
    """A file has at most 300 lines."""
    if len(source.lines) > LINES_MAX:
        yield f"{source.path}: {len(source.lines)} lines"


def long_functions(source: Source) -> Iterator[str]:
    """A function has at most 50 lines, its docstring and signature included."""
    for function in source.functions():
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield f"{source.path}:{function.lineno}: {function.name} has {lines} lines"


def crowded_functions(source: Source) -> Iterator[str]:
    """A function has at most 5 parameters, and past two they are given by name."""
    receivers = {
        id(node)
        for owner in source.nodes
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, Function) and "staticmethod" not in decorators(node)
    }
    for function in source.functions():
        if dictated(function, source):
            continue
        positional = len(function.args.posonlyargs) + len(function.args.args)
        positional -= id(function) in receivers
        total = positional + len(function.args.kwonlyargs)
        where = f"{source.path}:{function.lineno}: {function.name}"
        if total > PARAMETERS_MAX:
            yield f"{where} has {total} parameters"
        if positional > POSITIONAL_MAX and not by_name(function):
            yield f"{where} takes {positional} parameters by position"


def decorators(function: Function) -> set[str]:
    """Name a function's decorators by their last part: `pytest.fixture(...)` is `fixture`."""
    calls = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return {ast.unparse(call).rpartition(".")[2] for call in calls}


def by_name(function: Function) -> bool:
    """Tell whether pytest fills the parameters, by name, or it is a constructor, seldom long."""
    given = function.name.startswith("test_") or "fixture" in decorators(function)
    return given or function.name == "__init__"


def dictated(function: Function, source: Source) -> bool:
    """Tell whether somebody else wrote the signature: Python itself, or one of DICTATORS."""
    if re.fullmatch(r"__\w+__", function.name) and function.name != "__init__":
        return True
    signature = "\n".join(source.lines[function.lineno - 1 : function.body[0].lineno])
    said = SIGNATURE.search(signature)
    return said is not None and said[1] in DICTATORS


def nameless_modules(source: Source) -> Iterator[str]:
    """A module or package is named for what it holds, never utils, helpers or the like."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if NAMELESS.search(part):
            yield f"{source.path}: `{part}` says nothing"


def undocumented_modules(source: Source) -> Iterator[str]:
    """Every module opens with a docstring."""
    if not (ast.get_docstring(source.tree) or "").strip():
        yield f"{source.path}: opens without a docstring"


def silent_stages(source: Source) -> Iterator[str]:
    """A service's app says what it Reads, Writes and Keeps, each on a line of its own."""
    opening = ast.get_docstring(source.tree) or ""
    for word in ("Reads", "Writes", "Keeps"):
        if not re.search(rf"^\s*\W*{word}\b", opening, re.MULTILINE):
            yield f"{source.path}: its docstring has no line that begins with {word}"
