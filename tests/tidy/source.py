"""The files under the rules: what git tracks or would track, as text and as syntax trees."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# Without git (an unpacked archive) these are passed over, as .gitignore would have it.
LEFT_BY_TOOLS = {".git", ".venv", ".venv-quality", "__pycache__", "build", "dist"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One file: its path inside the repository, with slashes, and its text."""

    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.splitlines()

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return parse(self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the syntax tree."""
        return nodes(self.text)

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        for node in self.nodes:
            if isinstance(node, Function):
                yield node

    def comments(self) -> Iterator[tuple[int, str]]:
        """Every comment with its line number; a string that looks like one is none."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


@cache
def parse(text: str) -> ast.Module:
    """Parse once per text; every rule asks again."""
    return ast.parse(text)


@cache
def nodes(text: str) -> tuple[ast.AST, ...]:
    """Walk once per text, too."""
    return tuple(ast.walk(parse(text)))


def paths() -> list[str]:
    """List the repository's files: tracked, and new ones that are not ignored."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others"]
    try:
        listed = subprocess.run(
            [*command, "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return sorted(walk(ROOT))
    return sorted({path for path in listed.stdout.split("\0") if path})


def walk(folder: Path) -> Iterator[str]:
    """List the files without git's help."""
    for path in folder.iterdir():
        if path.name in LEFT_BY_TOOLS or path.name.endswith(("_cache", ".egg-info")):
            continue
        if path.is_dir():
            yield from walk(path)
        else:
            yield path.relative_to(ROOT).as_posix()


@cache
def sources() -> tuple[Source, ...]:
    """Read every text file of the repository; what is not UTF-8 is no text."""
    found = []
    for path in paths():
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
            continue  # deleted but not yet committed, a submodule, or an image
        found.append(Source(path, text))
    return tuple(found)
