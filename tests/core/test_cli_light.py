"""`kulanse explain` starts at once: it imports what decides, and nothing that talks to anybody."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = ROOT / "shared/contracts/examples/kulanse.complaint.submitted.v1"
# Each costs a tenth of a second or more, and an offline answer needs none.
HEAVY = (
    *("aiokafka", "faust", "sqlalchemy", "alembic", "psycopg", "fastapi", "uvicorn", "starlette"),
    *("stripe", "httpx", "aiohttp", "asyncio", "cryptography", "structlog", "prometheus_client"),
    *("opentelemetry", "jgo", "aiosmtplib", "aiosmtpd", "pydantic_settings", "rich"),
)
CALL = """
import sys
from services.__main__ import run
code = run(sys.argv[1:])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def imported(*words: str, given: str = "") -> set[str]:
    """The libraries that a call of the command has imported by its end."""
    call = [sys.executable, "-c", CALL, *words]
    done = subprocess.run(call, cwd=ROOT, input=given, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("--jsonl", "-"), ("--json", "-")])
def test_explain_imports_nothing_that_talks_to_anybody(words: tuple[str, ...]) -> None:
    """Every answer of a script would wait seconds for a broker's client and a database's."""
    line = {path.name: path for path in LINE.glob("good*.json")}
    given = next(iter(line.values())).read_text(encoding="utf-8").replace("\n", " ")
    found = imported("explain", *words, given=given)
    assert "pydantic" in found, "it does not see what is imported: it proves nothing"
    assert found & set(HEAVY) == set()
