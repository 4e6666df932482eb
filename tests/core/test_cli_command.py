"""The `kulanse` command as people and scripts meet it: one line, a code, and no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.cli_examples import submitted

LINE = submitted().model_dump_json(exclude_none=True)


def call(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a state folder that is empty."""
    return subprocess.run(
        [sys.executable, "-m", "services", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "KULANSE_STATE_DIR": "/nonexistent", **environment},
    )


BAD = [
    (("explain", "missing.json"), 1, "file_missing", "FILE"),
    (("explain", "--json", "missing.jsonl"), 1, "file_missing", "FILE"),
    (("explain", ""), 1, "string_too_short", "text"),
    (("explain", "   "), 1, "string_pattern_mismatch", "text"),
    (("explain", "--at", "yesterday", "hei"), 1, "not_a_time", "--at"),
    (("send", "hei"), 3, "not_running", ""),
    (("tail", "no-such-topic"), 1, "unknown_topic", "TOPIC"),
    (("tail",), 3, "not_running", ""),
    (("dlq", "show", "nonsense"), 1, "bad_id", "ID"),
    (("dlq", "replay"), 1, "which", "ID"),
    (("cases", "list"), 3, "not_running", ""),
    (("cases", "list", "--state", "asleep"), 1, "unknown_state", "--state"),
    (("cases", "decide", "c", "--result", "maybe"), 1, "unknown_result", "--result"),
    (
        ("cases", "decide", "c", "--result", "upheld", "--gesture", "refund:2.5:NOK"),
        1,
        "bad_amount",
        "--gesture",
    ),
    (("approvals", "reject", "r"), 2, "usage", ""),
    (("checkpoint", "show", "nobody"), 1, "unknown_service", "SERVICE"),
    (("checkpoint", "show", "triage"), 1, "no_ledger", ""),
    (("schemas", "no.such"), 1, "unknown_type", "TYPE"),
    (("payouts", "confirm", "missing.csv"), 1, "file_missing", "FILE"),
    (("nosuchverb",), 2, "usage", ""),
    (("explain", "--nosuchoption"), 2, "usage", ""),
]


@pytest.mark.parametrize(("arguments", "code", "error", "field"), BAD)
def test_bad_input_is_one_line_with_a_code(
    arguments: tuple[str, ...], code: int, error: str, field: str
) -> None:
    """A person would read a traceback, or a script could not tell what went wrong."""
    done = call(*arguments)
    assert (code, "") == (done.returncode, done.stdout)
    lines = done.stderr.splitlines()
    expected = f"{{{json.dumps('error')}" if "--json" in arguments else "kulanse: "
    assert 1 == len(lines), done.stderr
    assert lines[0].startswith(expected)
    assert error in lines[0]
    assert field in lines[0]


def test_every_error_is_an_object_for_scripts() -> None:
    """A script would have to read sentences."""
    done = call("cases", "list", "--json")
    assert {"code", "field", "hint"} == set(json.loads(done.stderr)["error"])


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ('{"id": 7, "text": ""', "json_invalid", ""),
        ('{"id": 7}', "missing", "channel"),
        (LINE[:-1] + ', "id": 7, "colour": "red"}', "extra_forbidden", "colour"),
        (LINE[:-1] + ', "id": 7, "history": [{"channel": "fax"}]}', "literal_error", "history.0"),
        ("[7]", "model_type", ""),
    ],
)
def test_bad_line_is_answered_and_the_rest_goes_on(line: str, code: str, field: str) -> None:
    """One bad line of a file would cost the answers to all others."""
    good = LINE[:-1] + ', "id": "after"}'
    done = call("explain", "--jsonl", "-", stdin=f"{line}\n\n{good}\n")
    first, second = (json.loads(answer) for answer in done.stdout.splitlines())
    assert (1, "") == (done.returncode, done.stderr)
    assert code == first["error"]["code"]
    assert first["error"]["field"].startswith(field)
    assert first["error"]["hint"]
    assert "after" == second["id"]


def test_id_is_echoed_as_it_came() -> None:
    """Whoever sent a line could not find its answer again."""
    ids = ['"a"', "7", "null", '{"run": [1, 2]}', "1.5"]
    stdin = "\n".join(f'{LINE[:-1]}, "id": {each}}}' for each in ids)
    done = call("explain", "--jsonl", stdin=stdin)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [json.loads(each) for each in ids] == [answer["id"] for answer in answers]


def test_answers_are_the_same_on_many_cores(tmp_path: Path) -> None:
    """A large file would be answered otherwise, or in another order, than a stream."""
    lines = [f'{LINE[:-1]}, "id": {number}}}' for number in range(1_000)]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    from_file = call("explain", "--jsonl", str(path))
    streamed = call("explain", "--jsonl", stdin="\n".join(lines))
    assert (0, "") == (from_file.returncode, from_file.stderr)
    assert streamed.stdout == from_file.stdout
    assert list(range(1_000)) == [json.loads(a)["id"] for a in from_file.stdout.splitlines()]


def test_nobody_elses_bytes_steer_the_terminal() -> None:
    """A complaint could clear the screen, or dress up as our own words."""
    done = call("explain", "Koppen var knust \x1b[2J\u202eog jeg vil ha pengene tilbake")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_wrong_setting_is_named() -> None:
    """Ops would not know which variable is wrong."""
    done = call("tail", KULANSE_PARTITIONS="many")
    assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert "KULANSE_PARTITIONS" in done.stderr


def test_no_broker_is_told_apart_from_a_refusal() -> None:
    """A script could not tell "try again later" from "never"."""
    done = call("dlq", "list", KULANSE_BOOTSTRAP="127.0.0.1:1")
    assert 3 == done.returncode
    assert "broker_unreachable" in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_a_reader_that_leaves_is_no_error() -> None:
    """`kulanse … | head -1` would end in a traceback."""
    command = f"{sys.executable} -m services schemas | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert "" == done.stderr
