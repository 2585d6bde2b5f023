"""How models that judge or grade are called: through litellm, again after failures that pass, watched for dead ones."""

import time

from ..scoring.usage import Usage
from ..verifiers.model_call import Complete
from .config import ModelSpec

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
