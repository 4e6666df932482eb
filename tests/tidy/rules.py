"""The table of house rules: which files each holds for, what checks it, and what breaks it."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.tidy import prose, shape
from tests.tidy.source import Source

PYTHON = re.compile(r"[.]py$")
CODE = re.compile(r"[.]py$|^Makefile$|^[.]ci/|^requirements/\w+$|[.]sh$|^pyproject[.]toml$")
TEST = re.compile(r"^(tests|benchmarks)/.*[.]py$")
APP = re.compile(r"^services/\w+/app[.]py$")
NO_SEAM = re.compile(r"^(?!shared/stage/).*[.]py$")
EVERYTHING = re.compile("")


class Rule(NamedTuple):
    """One rule, and a pair of examples: the bad one is found, the good one is not."""

    holds_for: re.Pattern[str]
    check: Callable[[Source], Iterator[str]]
    bad: str
    good: str
    path: str = "tests/core/test_example.py"

    @property
    def name(self) -> str:
        """The checker's name, with spaces."""
        return self.check.__name__.replace("_", " ")


def body(lines: int) -> str:
    """A function of so many lines."""
    return "def f() -> None:\n" + "    pass\n" * (lines - 1)


RULES = (
    Rule(CODE, shape.too_wide, "x" * 101, "x" * 100),
    Rule(PYTHON, shape.too_long, "x\n" * 301, "x\n" * 300),
    Rule(PYTHON, shape.long_functions, body(51), body(50)),
    Rule(PYTHON, shape.crowded_functions, "def f(a, b, *, c, d, e, g): 0", "def f(a, b, *, c): 0"),
    Rule(
        PYTHON,
        shape.crowded_functions,
        "class C:\n def f(self, a, b, c): 0",
        "class C:\n def f(self, a, b, *, c, d, e): 0\n def __exit__(self, a, b, c): 0",
    ),
    Rule(
        PYTHON,
        shape.crowded_functions,
        "def f(a, b, c):  # signature: me\n 0",
        "def f(a, b, c):  # signature: structlog\n 0",
    ),
    Rule(PYTHON, shape.crowded_functions, "def f(a, b, c): 0", "def test_f(a, b, c): 0"),
    Rule(PYTHON, shape.nameless_modules, "", "", "shared/db_utils.py"),
    Rule(PYTHON, shape.undocumented_modules, "import re", '"""Says."""'),
    Rule(APP, shape.silent_stages, '"""Reads a\nWrites b"""', '"""Reads a\n\nWrites b\nKeeps c"""'),
    Rule(PYTHON, prose.bare_ignores, "x  # type: ignore", "x  # type: ignore[misc]  # faust"),
    Rule(PYTHON, prose.bare_ignores, "x  # noqa", "# Faust wants it\nx  # noqa: SLF001"),
    Rule(PYTHON, prose.bare_ignores, "x  # noqa: SLF001", "'x  # noqa'"),
    Rule(NO_SEAM, prose.stray_any, "from typing import Any", "from typing import Final"),
    Rule(TEST, prose.empty_tests, "def test_a(): f()", "def test_a(): check_all(f())"),
    Rule(TEST, prose.empty_tests, "async def test_a(): f()", "async def test_a(): assert f()"),
    Rule(TEST, prose.unexplained_tests, "def test_a(): assert f()", "def test_a():\n 'Says.'"),
    Rule(PYTHON, prose.silent_skips, "@pytest.mark.skip\ndef f(): 0", "pytest.skip('no engine')"),
    Rule(
        PYTHON,
        prose.silent_skips,
        "pytest.mark.skipif(no_engine)",
        "pytest.mark.skipif(no_engine, reason='no engine')",
    ),
    Rule(EVERYTHING, prose.leaks, "--index-url https://" + "pypi" + ".org/simple", "pip install"),
    Rule(EVERYTHING, prose.leaks, "cd /" + "root/kulanse", "cd /var/lib/kulanse"),
)
