"""Models in the roles of judge and grader: who may sit there.

The judge is the policy verifier in the loop, the grader the evaluator. One may never grade itself: the same model in
both jobs cannot see its own escapes, and a model that judges its own answers favours them (Panickssery et al. 2024,
arXiv:2404.13076).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..verifiers.grader import Grader
from ..verifiers.judge import JudgeSettings, LLMJudge
from ..verifiers.model_call import Complete
from ..verifiers.staged import StagedVerifier
from ..verifiers.verdict import Verifier
from .config import ModelSpec, Roles
from .judge_calls import JudgeRoleError, Watched
from .verifier_names import judging_models, verifier_of

_PREFIX = re.compile(r"^(?:inspect:|litellm/)+")
_DATED = re.compile(r"(?:[-@](?:20\d\d-?\d\d-?\d\d|latest))+$")


@dataclass(frozen=True, slots=True)
class Panel:
    """Who judges beside the rules.

    Attributes:
        judge: The verifier in the loop; None: the lexical one. Its usage is part of C_v.
        grader: The evaluator of free text; None: the rule-based reference grader. Its usage is never part of C_v.
        asked: The models behind them.
        warnings: What the reader must be told in red; empty where no role is held twice.
    """

    judge: Verifier | None = None
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
    judge: Verifier | None = None
    grader = None
    asked = []
    if roles.verifier:
        judge = verifier_of(roles.verifier, complete)
        asked += [j.complete for j in judges_in(judge) if isinstance(j.complete, Watched)]
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
    if roles.judge and roles.verifier:
        raise JudgeRoleError(
            f"the loop has one verifier: name either the judge {roles.judge.model.name} or the verifier "
            f"{roles.verifier}; a cascade may hold both"
        )
    judges = [roles.judge.model.name] if roles.judge else judging_models(roles.verifier)
    grader = roles.grader.model.name if roles.grader else None
    found = [
        f"{judge} is both the judge in the loop and the grader: it grades what it let through itself"
        for judge in judges
        if grader and same_model(judge, grader)
    ]
    for role, name in [*(("judge in the loop", judge) for judge in judges), ("grader", grader)]:
        found += [f"{name} is the {role} of its own answers" for m in models if name and same_model(m, name)]
    if found and not roles.allow_self_judging:
        raise JudgeRoleError(
            f"{found[0]}; name another model, or allow it (--allow-self-judging, in a configuration "
            "allow_self_judging = true), and the output will say so"
        )
    return tuple(found)


def role_models(roles: Roles) -> list[str]:
    """Every model that judges or grades, those within a verifier too."""
    return [*roles.names, *judging_models(roles.verifier)]


def judges_in(verifier: Verifier) -> list[LLMJudge]:
    """The language models that judge within `verifier`, itself or its stages."""
    if isinstance(verifier, LLMJudge):
        return [verifier]
    return [j for s in verifier.stages for j in judges_in(s.verifier)] if isinstance(verifier, StagedVerifier) else []


def same_model(one: str, other: str) -> bool:
    """Whether two names mean one model, whoever serves it and whichever dated snapshot: "openai/gpt-4.1" and
    "azure/gpt-4.1-2025-04-14" do. Models that are merely related are told apart.
    """
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return _DATED.sub("", _PREFIX.sub("", name).rpartition("/")[2].casefold())
