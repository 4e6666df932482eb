"""A small client of the desk's door: what the command line uses, and anybody's script may.

Whatever the door refuses is raised as `Refused`, with the door's code and hint.
"""

from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

import httpx
from pydantic import JsonValue, ValidationError

from services.desk.model import CaseView, QueueRow, TaskView, WaitingApproval
from shared.contracts.caserule import Standing
from shared.contracts.cases import GestureWanted
from shared.contracts.contract import Contract
from shared.contracts.recoveries import Basis, Result
from shared.errors import Refused

TIMEOUT_S = 20.0  # the door itself waits 5 s for the broker and 5 s for the effect
PAGE = 50


class Acted(Contract):
    """What became of a command. "accepted": the broker has it, its effect is still to come."""

    event_id: str
    state: Literal["done", "accepted"]
    case_id: str
    version: int
    case_state: Standing
    owner: str | None


class _Cases(Contract):
    cases: tuple[QueueRow, ...]
    next_offset: int | None


class _Tasks(Contract):
    tasks: tuple[TaskView, ...]
    next_offset: int | None


class _Approvals(Contract):
    approvals: tuple[WaitingApproval, ...]
    next_offset: int | None


class DeskClient:
    """One person at the desk: every call speaks with her token.

    `seen_version` is the version of the case (or the recovery) that she saw; without it, the
    command is about the case as it is now. `command_id` makes a repeated call the same command.
    """

    def __init__(
        self, url: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`url`: the door's, "http://127.0.0.1:8090"; `transport`: another way there, for tests."""
        if not (token.isascii() and token.isprintable()):
            raise Refused("no_token", "This is no token.", "A token is plain ASCII; look again.")
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Use as a context, so that connections are closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._http.close()

    def list_cases(
        self,
        *,
        state: Standing | None = None,
        mine: bool = False,
        needs_person: bool | None = None,
        limit: int = PAGE,
        offset: int = 0,
    ) -> tuple[QueueRow, ...]:
        """One page of the queue, severity first, then the deadline."""
        asked: dict[str, str | int] = {"limit": limit, "offset": offset, "mine": str(mine).lower()}
        if state is not None:
            asked["state"] = state
        if needs_person is not None:
            asked["needs_person"] = str(needs_person).lower()
        return _Cases.model_validate_json(self._get("/v1/cases", asked)).cases

    def show(self, case_id: str) -> CaseView:
        """Everything about a case; a complaint's id finds its case."""
        return CaseView.model_validate_json(self._get(f"/v1/cases/{_in_path(case_id)}", {}))

    def list_tasks(self, *, limit: int = PAGE, offset: int = 0) -> tuple[TaskView, ...]:
        """What is to be done in the world, the earliest due first."""
        page = self._get("/v1/tasks", {"limit": limit, "offset": offset})
        return _Tasks.model_validate_json(page).tasks

    def list_approvals(self, *, limit: int = PAGE, offset: int = 0) -> tuple[WaitingApproval, ...]:
        """Recoveries that lack a signature, the longest waiting first."""
        page = self._get("/v1/approvals", {"limit": limit, "offset": offset})
        return _Approvals.model_validate_json(page).approvals

    def take(self, case_id: str, **how: JsonValue) -> Acted:
        """Own the case. `how` of every command: reason, seen_version, complaint_id, command_id."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/take", how)

    def ask(self, case_id: str, text: str, **how: JsonValue) -> Acted:
        """Ask the complainant; the clock waits for the answer."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/ask", {"text": text, **how})

    def reply(self, case_id: str, text: str, **how: JsonValue) -> Acted:
        """Write to the complainant."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/reply", {"text": text, **how})

    def decide(
        self,
        case_id: str,
        *,
        result: Result,
        text: str,
        basis: Basis | None = None,
        gestures: tuple[GestureWanted, ...] = (),
        **how: JsonValue,
    ) -> Acted:
        """Decide, with the reasons for the complainant in `text`."""
        wanted: list[JsonValue] = [g.model_dump(mode="json", exclude_none=True) for g in gestures]
        said: dict[str, JsonValue] = {"result": result.model_dump(mode="json"), "text": text}
        if basis is not None:
            said["basis"] = basis
        return self._act(
            f"/v1/cases/{_in_path(case_id)}/decide", {**said, "gestures": wanted, **how}
        )

    def close(self, case_id: str, **how: JsonValue) -> Acted:
        """Finish the case, in her name."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/close", how)

    def hand_over(self, case_id: str, owner: str, **how: JsonValue) -> Acted:
        """Give it to a named colleague."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/hand-over", {"owner": owner, **how})

    def reopen(self, case_id: str, **how: JsonValue) -> Acted:
        """It was not finished after all."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/reopen", how)

    def withdraw(self, case_id: str, **how: JsonValue) -> Acted:
        """The complainant took it back."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/withdraw", how)

    def override(self, case_id: str, *, field: str, value: str, **how: JsonValue) -> Acted:
        """Correct one field of triage; `about` names a person the complaint is about."""
        return self._act(
            f"/v1/cases/{_in_path(case_id)}/override", {"field": field, "value": value, **how}
        )

    def link(self, case_id: str, other: str, **how: JsonValue) -> Acted:
        """Say that another case of the same complainant is this matter."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/link", {"other": other, **how})

    def unlink(self, case_id: str, other: str, **how: JsonValue) -> Acted:
        """Say that they are two matters after all."""
        return self._act(f"/v1/cases/{_in_path(case_id)}/unlink", {"other": other, **how})

    def task_done(self, task_id: str, **how: JsonValue) -> Acted:
        """A task was done."""
        return self._act(f"/v1/tasks/{_in_path(task_id)}/done", how)

    def approve(self, recovery_id: str, **how: JsonValue) -> Acted:
        """Sign."""
        return self._act(f"/v1/approvals/{_in_path(recovery_id)}/approve", how)

    def reject(self, recovery_id: str, reason: str, **how: JsonValue) -> Acted:
        """Do not sign, and say why."""
        return self._act(f"/v1/approvals/{_in_path(recovery_id)}/reject", {"reason": reason, **how})

    def _get(self, path: str, asked: dict[str, str | int]) -> bytes:
        return self._said(self._http.build_request("GET", path, params=asked))

    def _act(self, path: str, said: dict[str, JsonValue]) -> Acted:
        key = said.pop("command_id", None)
        headers = {"Idempotency-Key": str(key)} if key else {}
        request = self._http.build_request("POST", path, json=said, headers=headers)
        return Acted.model_validate_json(self._said(request))

    def _said(self, request: httpx.Request) -> bytes:
        try:
            response = self._http.send(request)
        except httpx.HTTPError:
            where = f"{request.url.scheme}://{request.url.netloc.decode()}"
            raise Refused(
                "desk_unreachable",
                f"The desk does not answer at {where}.",
                "Is `kulanse up` running?",
            ) from None
        if response.is_success:
            return response.content
        raise _refused(response)


class _Problem(Contract):
    code: str = "unexpected_answer"
    hint: str = ""
    field: str = ""


def _in_path(name: str) -> str:
    return quote(name, safe="")


def _refused(response: httpx.Response) -> Refused:
    try:
        said = _Problem.model_validate_json(response.content, extra="ignore")
    except ValidationError:
        said = _Problem(hint=f"The desk answered {response.status_code}.")
    about = f" to {said.field}" if said.field else ""
    return Refused(said.code, f"The desk says no{about}.", said.hint)
