"""Verifiers by name, loaded when asked for."""

import importlib
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..verifiers.judge import LLMJudge
from ..verifiers.model_call import Complete
from ..verifiers.named import VERIFIERS, VerifierNameError, verifier_named
from ..verifiers.verdict import Verifier
from .cascade_file import read_cascade, stage_names
from .config import ModelSpec
from .judge_calls import Watched, litellm_complete

NAMES = ("default", "embedded", "lexical")
_EMBEDDED = f"{__name__.split('.')[0]}.verifiers.embedded"
_NEEDS = ("sentence_transformers", "torch")


def verifier_of(name: str, complete: Callable[[ModelSpec], Complete] | None = None) -> Verifier:
    """The verifier called `name`.

    Args:
        name: "lexical": shared words and facts, no model. "embedded": needs the extra `neural`. "default": embedded
            where that extra is installed, else lexical. A neural one with its model ("cross-encoder:NAME_OR_FOLDER",
            see `verifiers.named.VERIFIERS`). "judge:MODEL": a language model through litellm. "cascade:FILE": several,
            cheap ones first, as `vcpd verify tune` wrote them. Or `package.module:factory`, a class or function
            without arguments that gives a `Verifier`; modules of the current folder are found.
        complete: Makes the function that calls a language model; None: through litellm.

    Raises:
        VerifierNameError: There is no such verifier, or it cannot be loaded.
        ValueError, RuntimeError: The extra of a neural one is missing, or its model cannot be loaded.
    """
    kind, _, argument = name.partition(":")
    if kind in VERIFIERS and VERIFIERS[kind].takes_model:
        return verifier_named(name)
    if kind == "cascade":
        return read_cascade(Path(argument), partial(verifier_of, complete=complete))
    if kind == "judge" and argument.strip():
        return _judge(argument.strip(), complete)
    if ":" in name:
        return _checked(name, _own(name))
    if name not in NAMES:
        raise VerifierNameError(f"unknown verifier {name!r}: give {', '.join(NAMES)} or package.module:factory")
    if name == "embedded" or (name == "default" and has_embedded()):
        try:
            return _checked(name, _embedded())
        except (VerifierNameError, RuntimeError):  # RuntimeError: its weights are nowhere to be found
            if name == "embedded":
                raise
    return verifier_named("lexical")


def has_embedded() -> bool:
    """Whether everything that the embedded verifier needs is installed; nothing is loaded."""
    return all(find_spec(module) is not None for module in (_EMBEDDED, *_NEEDS))


def judging_models(name: str) -> list[str]:
    """The language models that judge within the verifier called `name`; nothing is loaded."""
    kind, _, argument = name.partition(":")
    if kind == "judge":
        return [argument.strip()]
    return [m for stage in stage_names(Path(argument)) for m in judging_models(stage)] if kind == "cascade" else []


def _judge(model: str, complete: Callable[[ModelSpec], Complete] | None) -> Verifier:
    return LLMJudge(Watched((complete or litellm_complete)(ModelSpec(model)), model), model)


def _embedded() -> Any:
    missing = next((m for m in _NEEDS if find_spec(m) is None), None)
    if missing is None:
        try:
            return importlib.import_module(_EMBEDDED).EmbeddedVerifier()
        except ImportError as error:
            missing = error.name or str(error)
    raise VerifierNameError(
        f"the embedded verifier needs the extra neural ({missing} is missing): pip install 'vcpd[neural]', "
        "or use --verifier lexical"
    )


def _own(name: str) -> Any:
    module, _, factory = name.partition(":")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        made = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise VerifierNameError(f"verifier {name!r} cannot be loaded: {error}") from error
    finally:
        sys.path.remove(here)
    return made


def _checked(name: str, made: Any) -> Verifier:
    lacking = [part for part in ("name", "version", "verify") if not hasattr(made, part)]
    if lacking:
        raise VerifierNameError(f"verifier {name!r} is none: it has no {' and no '.join(lacking)}")
    verifier: Verifier = made
    return verifier
