"""By what an Inspect log was answered, in the words of a serving condition: one call, or an agent with its settings."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ...scoring.serving import ONE_CALL

_ONE_CALL = frozenset(
    {"generate", "multiple_choice", "chain_of_thought", "prompt_template", "system_message", "user_message"}
    | {"assistant_message", "_answer_and_verify"}
)
_LIMITS = {
    "message": "messages",
    "token": "tokens",
    "turn": "turns",
    "time": "seconds",
    "working": "working seconds",
    "cost": "dollars",
}
_LONGEST = 60
_MOST = 300


def agent_of(log: Mapping[str, Any]) -> str:
    """Which solvers answered, with what they were given and within which limits; `ONE_CALL` where none can loop.

    What is not shown of the settings (prompts, tools' own settings) is in the eight hexadecimal digits at the end, so
    that two agents that differ have two names.
    """
    plan = log.get("plan")
    steps = plan.get("steps") if isinstance(plan, Mapping) else None
    solvers = [s for s in steps if isinstance(s, Mapping)] if isinstance(steps, list) else []
    if not solvers or all(_short(s.get("solver")) in _ONE_CALL for s in solvers):
        return ONE_CALL
    config = log["eval"].get("config")
    limits = config if isinstance(config, Mapping) else {}
    known = [(limits.get(f"{name}_limit"), unit) for name, unit in _LIMITS.items()]
    said = [f"{_said(limit)} {unit}" for limit, unit in known if limit is not None]
    whole = " > ".join(_solver(s) for s in solvers) + (f", at most {', '.join(said)}" if said else "")
    settings = json.dumps([_given(s) for s in solvers], sort_keys=True, default=str)
    digest = hashlib.sha256(settings.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{whole[:_MOST]} [{digest}]"


def _short(name: object) -> str:
    return str(name).rpartition("/")[2]


def _given(solver: Mapping[str, Any]) -> Mapping[str, Any]:
    passed = solver.get("params_passed")
    params = solver.get("params") if not isinstance(passed, Mapping) else passed
    return params if isinstance(params, Mapping) else {}


def _solver(solver: Mapping[str, Any]) -> str:
    given = _given(solver)
    shown = [f"{_said(str(key))}={_said(value)}" for key, value in given.items() if _plain(value)]
    tools = given.get("tools")
    named = [_said(_short(t.get("name"))) for t in tools if isinstance(t, Mapping)] if isinstance(tools, list) else []
    inside = ", ".join(([f"tools={'+'.join(named)}"] if named else []) + shown)
    name = _said(_short(solver.get("solver")))[:_LONGEST]
    return f"{name}({inside})" if inside else name


def _plain(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _LONGEST)


def _said(value: object) -> str:
    if isinstance(value, str):
        return ascii(value)[1:-1]
    return f"{value:g}" if isinstance(value, float) else str(value)[:_LONGEST]
