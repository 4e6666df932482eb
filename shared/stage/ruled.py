"""Readers of `cases` obey one rule: a person's command that has no effect does not reach the core.

The rule's state of each case lies among the stage's own memories; see `shared/contracts/caserule`.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from shared.contracts.caserule import judge
from shared.contracts.cases import CaseEvent
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.stage.decision import NOTHING, Decision, History, Rejected

P = TypeVar("P")
# A core that never rejects stays one that never rejects.
A = TypeVar("A", bound=Decision | Rejected)


def ruled(
    decide: Callable[[Event[Contract], History, P], A], known: Callable[[P], Collection[str]]
) -> Callable[[Event[Contract], History, P], A | Decision]:
    """`decide`, hearing only of commands that have an effect.

    `known` finds the pseudonyms of `people.yaml` in the policy. What the rule must know later is
    added to what the core remembers, under a key of its own.
    """

    def obeying(
        event: Event[Contract],
        history: History,
        policy: P,  # signature: stage
    ) -> A | Decision:
        if not isinstance(event.data, CaseEvent):
            return decide(event, history, policy)
        memories = (memory.data for memory in history.memories)
        ruling = judge(memories, event.data, known=known(policy))
        answer: A | Decision = NOTHING
        if ruling.effective:
            answer = decide(event, history, policy)
        if isinstance(answer, Rejected) or not ruling.remembers:
            return answer
        return replace(answer, remembers={**(answer.remembers or {}), **ruling.remembers})

    return obeying
