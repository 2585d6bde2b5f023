"""Models in the roles of judge and grader: who may sit there, and how they are called.

The judge is the policy verifier in the loop, the grader the evaluator. One may never grade itself: the same model in
both jobs cannot see its own escapes, and a model that judges its own answers favours them (Panickssery et al. 2024,
arXiv:2404.13076).
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..scoring.usage import Usage
from ..verifiers.grader import Grader
from ..verifiers.judge import JudgeSettings, LLMJudge
from ..verifiers.model_call import Complete
from .config import ModelSpec, Roles

_PREFIX = re.compile(r"^(?:inspect:|litellm/)+")
_DATED = re.compile(r"(?:[-@](?:20\d\d-?\d\d-?\d\d|latest))+$")
_PASSED_ON = {"stop_seqs": "stop"}
_PARAMETERS = frozenset(["temperature", "top_p", "max_tokens", "seed", "reasoning_effort", "stop_seqs", "top_k"])
_OURS = frozenset({"timeout", "max_retries"})
_TRIES = 5  # further calls after a passing failure
_LONGEST_WAIT_S = 30.0
_HOPELESS = 6  # failed calls, and none that succeeded, after which a model counts as out of reach


class JudgeRoleError(ValueError):
    """A model in two jobs that exclude each other, or settings that a judge cannot have."""


class JudgeUnreachableError(RuntimeError):
    """No call of a judge or grader got through."""


class Watched:
    """A `Complete` that remembers whether any call got through, so that a dead judge does not fail sample by sample."""

    def __init__(self, complete: Complete, model: str) -> None:
        self.model = model
        self._complete = complete
        self._answered = False
        self._failures: list[str] = []

    def __call__(self, prompt: str) -> tuple[str, Usage]:
        """Call the model once; what it raises passes."""
        try:
            reply = self._complete(prompt)
        except Exception as error:
            self._failures = [*self._failures[-_HOPELESS:], str(error)]
            raise
        self._answered = True
        return reply

    def raise_if_unreachable(self) -> None:
        """Raise JudgeUnreachableError after six failed calls without one that succeeded."""
        if not self._answered and len(self._failures) >= _HOPELESS:
            raise JudgeUnreachableError(
                f"no call of {self.model}, which is to judge, got through: {self._failures[-1]}"
            )


@dataclass(frozen=True, slots=True)
class Panel:
    """Who judges beside the rules.

    Attributes:
        judge: The verifier in the loop; None: the default one. Its usage is part of C_v.
        grader: The evaluator of free text; None: the rule-based reference grader. Its usage is never part of C_v.
        asked: The models behind them.
        warnings: What the reader must be told in red; empty where no role is held twice.
    """

    judge: LLMJudge | None = None
    grader: Grader | None = None
    asked: tuple[Watched, ...] = ()
    warnings: tuple[str, ...] = ()


def seat(roles: Roles, models: Sequence[str], complete: Callable[[ModelSpec], Complete], seed: int = 0) -> Panel:
    """Check the roles and set up who holds them; nothing is called.

    Args:
        models: The models under test.
        complete: Makes the function that calls a model, e.g. `litellm_complete`.

    Raises:
        JudgeRoleError: See `role_warnings`.
    """
    warnings = role_warnings(roles, models)
    judge = grader = None
    asked = []
    if roles.judge:
        asked.append(Watched(complete(roles.judge.model), roles.judge.model.name))
        settings = JudgeSettings(samples=roles.judge.samples, seed=seed)
        if roles.judge.longest_sources:
            settings = replace(settings, longest_sources=roles.judge.longest_sources)
        judge = LLMJudge(asked[-1], asked[-1].model, settings)
    if roles.grader:
        asked.append(Watched(complete(roles.grader.model), roles.grader.model.name))
        grader = Grader(asked[-1], asked[-1].model, samples=roles.grader.samples, seed=seed)
    return Panel(judge, grader, tuple(asked), warnings)


def role_warnings(roles: Roles, models: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with who judges whom, as sentences; allowed only where `roles.allow_self_judging` says so.

    Raises:
        JudgeRoleError: Something is wrong and was not allowed.
    """
    judge = roles.judge.model.name if roles.judge else None
    grader = roles.grader.model.name if roles.grader else None
    found = []
    if judge and grader and same_model(judge, grader):
        found.append(f"{judge} is both the judge in the loop and the grader: it grades what it let through itself")
    for role, name in (("judge in the loop", judge), ("grader", grader)):
        found += [f"{name} is the {role} of its own answers" for m in models if name and same_model(m, name)]
    if found and not roles.allow_self_judging:
        raise JudgeRoleError(
            f"{found[0]}; name another model, or allow it (--allow-self-judging, in a configuration "
            "allow_self_judging = true), and the output will say so"
        )
    return tuple(found)


def same_model(one: str, other: str) -> bool:
    """Whether two names mean one model, whoever serves it and whichever dated snapshot: "openai/gpt-4.1" and
    "azure/gpt-4.1-2025-04-14" do. Models that are merely related are told apart.
    """
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return _DATED.sub("", _PREFIX.sub("", name).rpartition("/")[2].casefold())


def litellm_complete(spec: ModelSpec) -> Complete:
    """A `Complete` that asks any model litellm knows, and asks again after failures that pass.

    Waits 0.5, 1, 2 ... at most 30 seconds between tries; `max_retries` of the settings says how often (default 5).

    Raises:
        JudgeRoleError: A setting that cannot be passed on.
    """
    if spec.name.startswith("inspect:"):
        raise JudgeRoleError(f"{spec.name}: Inspect's own providers answer only within `vcpd run`; take it by litellm")
    for name in spec.config:
        if name not in _PARAMETERS | _OURS:
            known = ", ".join(sorted(_PARAMETERS | _OURS))
            raise JudgeRoleError(f"{spec.name}: the setting '{name}' cannot be passed to a judge; known are {known}")
    params = {_PASSED_ON.get(n, n): v for n, v in spec.config.items() if n in _PARAMETERS} | dict(spec.args)
    timeout = float(spec.config.get("timeout", 600.0))
    tries = int(spec.config.get("max_retries", _TRIES))

    def ask_again(prompt: str) -> tuple[str, Usage]:
        from .models import ModelCallError, complete

        for attempt in range(tries + 1):
            try:
                return complete(spec.name, prompt, timeout_s=timeout, params=params)
            except ModelCallError as error:
                if not error.passing or attempt == tries:
                    raise
                time.sleep(min(0.5 * 2.0**attempt, _LONGEST_WAIT_S))
        raise AssertionError("unreachable")

    return ask_again
