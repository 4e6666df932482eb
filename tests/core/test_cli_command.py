"""The `kulanse` command as people and scripts meet it: one line, a code, and no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.__main__ import run
from services.cli.failures import guarded
from services.cli.many import SHARE, WORTH_SHARING
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


MEASURE = (
    *("--cause", "delivery", "--phase", "during", "--what", "Nytt bud."),
    *("--owner", "manager-eik", "--actor", "lead-gran"),
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
    (("report",), 3, "not_running", ""),
    (("report", "--by", "name"), 1, "unknown_group", "--by"),
    (("cases", "list", "--state", "asleep"), 1, "unknown_state", "--state"),
    (("cases", "decide", "c", "--result", "maybe"), 1, "unknown_result", "--result"),
    (
        ("cases", "decide", "c", "--result", "upheld", "--gesture", "refund:2.5:NOK"),
        1,
        "bad_amount",
        "--gesture",
    ),
    (("approvals", "reject", "r"), 2, "usage", ""),
    (("approvals", "adjust", "r", "--result", "maybe"), 1, "unknown_result", "--result"),
    (("approvals", "adjust", "r", "--result", "upheld", "--text", "Ja."), 3, "not_running", ""),
    (("checkpoint", "show", "nobody"), 1, "unknown_service", "SERVICE"),
    (("checkpoint", "show", "triage"), 1, "no_ledger", ""),
    (("schemas", "no.such"), 1, "unknown_type", "TYPE"),
    (("pause", "everything", "--actor", "me", "--reason", "x"), 1, "unknown_switch", "SWITCH"),
    (("pause", "payouts", "--actor", " ", "--reason", "x"), 1, "empty", "--actor"),
    (("resume", "payouts", "--actor", "me", "--reason", "x"), 3, "not_running", ""),
    (("measures", "list"), 3, "not_running", ""),
    (("measures", "record", *MEASURE, "--cause", "weather"), 1, "unknown_cause", "--cause"),
    (("measures", "record", *MEASURE, "--phase", "later"), 1, "unknown_phase", "--phase"),
    (("measures", "record", *MEASURE, "--owner", "team"), 1, "unknown_colleague", "--owner"),
    (("measures", "record", *MEASURE, "--from", "soon"), 1, "not_a_time", "--from"),
    (("measures", "record", *MEASURE, "--what", " "), 1, "empty", "--what"),
    (("measures", "record", *MEASURE), 3, "not_running", ""),
    (("payouts", "confirm", "missing.csv"), 1, "file_missing", "FILE"),
    (("nosuchverb",), 2, "usage", ""),
    (("explain", "--nosuchoption"), 2, "usage", ""),
]


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A state folder of its own, where nobody started anything."""
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path))


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize(("arguments", "code", "error", "field"), BAD)
def test_bad_input_is_one_line_with_a_code(
    arguments: tuple[str, ...],
    code: int,
    error: str,
    field: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person would read a traceback, or a script could not tell what went wrong."""
    assert code == run(arguments)
    said = capsys.readouterr()
    lines = said.err.splitlines()
    expected = f"{{{json.dumps('error')}" if "--json" in arguments else "kulanse: "
    assert (said.out, len(lines)) == ("", 1), said.err
    assert lines[0].startswith(expected)
    assert error in lines[0]
    assert field in lines[0]


@pytest.mark.usefixtures("nothing_runs")
def test_every_error_is_an_object_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    """A script would have to read sentences."""
    assert run(["cases", "list", "--json"]) == 3
    assert {"code", "field", "hint"} == set(json.loads(capsys.readouterr().err)["error"])


BAD_LINES = [
    ('{"id": 7, "text": ""', "json_invalid", ""),
    ('{"id": 7}', "missing", "channel"),
    (LINE[:-1] + ', "id": 7, "colour": "red"}', "extra_forbidden", "colour"),
    (LINE[:-1] + ', "id": 7, "history": [{"channel": "fax"}]}', "literal_error", "history.0"),
    ("[7]", "model_type", ""),
]


def test_bad_line_is_answered_and_the_rest_goes_on() -> None:
    """One bad line of a file would cost the answers to all others."""
    lines = "\n\n".join(line for line, _, _ in BAD_LINES)
    good = LINE[:-1] + ', "id": "after"}'
    done = call("explain", "--jsonl", "-", stdin=f"{lines}\n{good}\n")
    *bad, last = (json.loads(answer) for answer in done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (1, "")
    assert [code for _, code, _ in BAD_LINES] == [each["error"]["code"] for each in bad]
    for (_, _, field), each in zip(BAD_LINES, bad, strict=True):
        assert each["error"]["field"].startswith(field)
        assert each["error"]["hint"]
    assert last["id"] == "after"


def test_id_is_echoed_as_it_came() -> None:
    """Whoever sent a line could not find its answer again."""
    ids = ['"a"', "7", "null", '{"run": [1, 2]}', "1.5"]
    stdin = "\n".join(f'{LINE[:-1]}, "id": {each}}}' for each in ids)
    done = call("explain", "--jsonl", stdin=stdin)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [json.loads(each) for each in ids] == [answer["id"] for answer in answers]


def test_answers_are_the_same_on_many_cores(tmp_path: Path) -> None:
    """A large file would be answered otherwise, or in another order, than a stream."""
    many = WORTH_SHARING + 2 * SHARE  # shared out, and more than are read at first
    lines = [f'{LINE[:-1]}, "id": {number}}}' for number in range(many)]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    from_file = call("explain", "--jsonl", str(path))
    streamed = call("explain", "--jsonl", stdin="\n".join(lines))
    assert (from_file.returncode, from_file.stderr) == (0, "")
    assert streamed.stdout == from_file.stdout
    assert list(range(many)) == [json.loads(a)["id"] for a in from_file.stdout.splitlines()]


def test_nobody_elses_bytes_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A complaint could clear the screen, or dress up as our own words."""
    assert run(["explain", "Koppen var knust \x1b[2J\u202eog jeg vil ha pengene tilbake"]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ops would not know which variable is wrong."""
    monkeypatch.setenv("KULANSE_PARTITIONS", "many")
    assert run(["tail"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "KULANSE_PARTITIONS" in line


def test_no_broker_is_told_apart_from_a_refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script could not tell "try again later" from "never"."""
    monkeypatch.setenv("KULANSE_BOOTSTRAP", "127.0.0.1:1")
    assert run(["dlq", "list"]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "broker_unreachable" in line


def test_a_bug_of_ours_shows_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """A person would read Python."""

    def call_with_a_bug() -> None:
        message = "inside"
        raise LookupError(message)

    assert guarded(call_with_a_bug, as_json=False) == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kulanse: internal error (LookupError)")
    assert "KULANSE_DEBUG=1" in line


def test_an_interrupt_has_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    """A script would take Ctrl-C for a failure."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    assert guarded(interrupted, as_json=False) == 130
    assert capsys.readouterr().err == "kulanse: interrupted [interrupted]\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    """`kulanse … | head -1` would end in a traceback."""
    command = f"{sys.executable} -m services schemas | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
