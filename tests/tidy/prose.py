"""Rules of words: what is ignored says why, what is tested says so, and nothing leaks."""

import ast
import re
from collections.abc import Iterator

from tests.tidy.source import Function, Source

IGNORE = re.compile(r"#\s*(type:\s*ignore|noqa|ruff:\s*noqa|mypy:\s*ignore)")
CODED = re.compile(
    r"#\s*(?:type:\s*ignore\[[\w, -]+\]"
    r"|(?:ruff:\s*)?noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)(?P<why>.*)"
)
REASON = re.compile(r"[^\W\d_]{2,}")
CLAIMS = {"raises", "warns", "fail"}
SKIPS = {"skip", "skipif", "xfail", "importorskip"}
# Written so that this file does not match itself.
LEAK = re.compile(
    r"pypi[.]org|pythonhosted[.]org|repo\w*[.]maven|maven[.]org|npmjs[.]|docker[.]io|ghcr[.]io"
    r"|quay[.]io|/opt[/]wheels|(?<![\w.])/roo[t]/|(?<![\w.])/wor[k]/|/Use[r]s/\w|/hom[e]/\w"
)


def bare_ignores(source: Source) -> Iterator[str]:
    """Every ignore carries its code and, there or on the line above, its reason."""
    if not IGNORE.search(source.text):
        return  # taking the text apart is slow
    for number, comment in source.comments():
        if not IGNORE.search(comment):
            continue
        coded = CODED.search(comment)
        above = source.lines[number - 2].strip() if number > 1 else ""
        if not coded:
            yield f"{source.path}:{number}: ignores without a code"
        elif not REASON.search(coded["why"]) and not above.startswith("#"):
            yield f"{source.path}:{number}: ignores without a reason"


def stray_any(source: Source) -> Iterator[str]:
    """Any stands at the Faust seam only; elsewhere object, a protocol or pydantic's JsonValue."""
    for node in source.nodes:
        imported = isinstance(node, ast.ImportFrom) and "Any" in {name.name for name in node.names}
        spelt = isinstance(node, ast.Attribute) and node.attr == "Any"
        spelt = spelt and ast.unparse(node) == "typing.Any"
        if isinstance(node, ast.stmt | ast.expr) and (imported or spelt):
            yield f"{source.path}:{node.lineno}: Any outside shared/stage"


def tests_of(source: Source) -> Iterator[Function]:
    """Every test function of a file."""
    for function in source.functions():
        if function.name.startswith("test_"):
            yield function


def called(node: ast.AST) -> str:
    """Name what a call calls by its last part, or nothing when it is no call of a name."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def claims(node: ast.AST) -> bool:
    """Tell whether a node states what must hold."""
    name = called(node)
    return isinstance(node, ast.Assert) or name in CLAIMS or name.startswith(("check_", "assert_"))


def empty_tests(source: Source) -> Iterator[str]:
    """No test without an assertion: an assert, pytest.raises, or a call of check_* or assert_*."""
    for test in tests_of(source):
        if not any(claims(node) for node in ast.walk(test)):
            yield f"{source.path}:{test.lineno}: {test.name} asserts nothing"


def unexplained_tests(source: Source) -> Iterator[str]:
    """Every test says in its docstring what would be broken."""
    for test in tests_of(source):
        if not ast.get_docstring(test):
            yield f"{source.path}:{test.lineno}: {test.name} does not say what would be broken"


def silent_skips(source: Source) -> Iterator[str]:
    """No skip and no expected failure without its reason."""
    calls = {id(node.func): node for node in source.nodes if isinstance(node, ast.Call)}
    for node in source.nodes:
        if not isinstance(node, ast.Attribute) or node.attr not in SKIPS:
            continue
        if not ast.unparse(node).startswith("pytest."):
            continue
        if not explains(calls.get(id(node)), node.attr):
            yield f"{source.path}:{node.lineno}: {node.attr} without a reason"


def explains(call: ast.Call | None, name: str) -> bool:
    """Tell whether a skip's call carries a reason: by name, or as the one argument of skip."""
    if call is None:
        return False
    named = any(keyword.arg == "reason" for keyword in call.keywords)
    return named or (name == "skip" and bool(call.args))


def leaks(source: Source) -> Iterator[str]:
    """No registry host and no path of somebody's machine, not even in a comment."""
    for number, line in enumerate(source.lines, 1):
        found = LEAK.search(line)
        if found:
            yield f"{source.path}:{number}: `{found[0]}` is of one machine or one registry"
