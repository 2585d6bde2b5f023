"""What a run was made of: versions, hashes, settings. Two runs may be compared only where these agree."""

import hashlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .. import __version__
from ..scoring.serving import AS_RETRIEVED, AS_RUN, ServingCondition
from ..scoring.usage import Usage
from ..verifiers.authorities import AuthorityIndex
from .config import ModelSpec, Roles, RunConfig
from .context_fill import ContextFill, context_tokens
from .judges import role_warnings, seat
from .packs import DomainPack
from .prompts import prompt_sha256
from .redaction import redacted
from .run_folder import SCHEMA
from .throughput_files import verification_name

_LIBRARIES = ("inspect-ai", "litellm", "numpy", "scipy", "bm25s", "sentence-transformers", "eyecite")


def identity_of(config: RunConfig, packs: Sequence[DomainPack]) -> dict[str, Any]:
    """What must not change between the sessions of one run."""
    return {
        "schema": SCHEMA,
        "models": [_model(m) for m in config.models],
        "packs": {
            p.name: {
                "samples": p.sha256,
                "corpus": p.corpus.sha256,
                "source_policy": _policy_sha256(p),
                "k": p.k,
                **({"authorities": _authorities_sha256(p.authorities)} if p.authorities else {}),
                **({"license": p.license, "citation": p.citation} if p.citation else {}),
            }
            for p in packs
        },
        "prompt": prompt_sha256(),
        "epochs": config.epochs,
        "seed": config.seed,
        **({"retrieval": config.retrieval.identity} if config.retrieval.identity else {}),
        **({"context": config.context} if config.context else {}),
        **roles_identity(config.roles, config.seed),
    }


def roles_identity(roles: Roles, seed: int) -> dict[str, Any]:
    """Which models judge, by wording and settings; empty where none does."""
    panel = seat(replace(roles, allow_self_judging=True), (), lambda spec: _never, seed)
    held = {
        "judge": (roles.judge, panel.judge.version if panel.judge else ""),
        "grader": (roles.grader, panel.grader.version if panel.grader else ""),
    }
    found = {role: _model(spec.model) | {"version": version} for role, (spec, version) in held.items() if spec}
    if roles.verifier and panel.judge:
        found["verifier"] = {"name": panel.judge.name, "version": panel.judge.version}
    return found


def _never(prompt: str) -> tuple[str, Usage]:
    raise AssertionError("nobody is asked for a version")


def _model(spec: ModelSpec) -> dict[str, Any]:
    return {"name": spec.name, "config": redacted(spec.config), "args": redacted(spec.args)}


def _authorities_sha256(index: AuthorityIndex) -> str:
    return hashlib.sha256(repr((index.authorities, index.complete, index.closed)).encode()).hexdigest()


def _policy_sha256(pack: DomainPack) -> str:
    return hashlib.sha256(repr((pack.source_policy, pack.confidence_target, pack.retry_policy)).encode()).hexdigest()


def serving_of(config: RunConfig, packs: Sequence[DomainPack]) -> ServingCondition:
    """The condition in which a run's quality is measured: its own load, its context, its policy in the loop."""
    verifier = verifier_in_loop(config.roles, config.seed)
    most = {int(m.config["max_connections"]) for m in config.models if "max_connections" in m.config}
    batch = f"{most.pop()} streams" if len(most) == 1 else AS_RUN
    retries = [p.retry_policy.max_retries for p in packs]
    return ServingCondition(batch, _context(config, packs), verification=verification_name(verifier, retries))


def verifier_in_loop(roles: Roles, seed: int) -> str:
    """The name of the verifier in the loop: a judge, the one that was named, or the lexical one."""
    held = roles_identity(roles, seed)
    judge = held.get("verifier") or ({"name": f"judge:{held['judge']['name']}"} if "judge" in held else None)
    return str(judge["name"]) if judge else "lexical"


def _context(config: RunConfig, packs: Sequence[DomainPack]) -> str:
    """The context asked for, and how far the smallest corpus reaches where that is less."""
    if not config.context:
        return AS_RETRIEVED
    fills = [(ContextFill(p.corpus, config.context), p) for p in packs if p.corpus.documents]
    reached = min((fill.room(p.source_policy) for fill, p in fills), default=0)
    if reached >= context_tokens(config.context):
        return config.context
    return f"{config.context} asked, {reached / 1024:.0f}k reached"


def manifest_of(
    run_id: str, identity: Mapping[str, Any], config: RunConfig, entries: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The manifest of a run: its identity, the versions at work, and what the providers called their models."""
    return {
        "run_id": run_id,
        "identity": dict(identity),
        "versions": versions(),
        "git_commit": git_commit(Path.cwd()),
        "limit": config.limit,
        "warnings": list(role_warnings(config.roles, [m.name for m in config.models])),
        "price_table": str(config.prices) if config.prices else "bundled",
        "served_models": sorted(
            {a["answer"]["served"] for e in entries for a in e["attempts"] if a["answer"]["served"]}
        ),
    }


def versions() -> dict[str, str | None]:
    """Versions of this package, Python, and the libraries that decide numbers; None where not installed."""
    return {
        "vcpd": __version__,
        "python": sys.version.split()[0],
        **{
            name: _version(name)
            for name in ("inspect-ai", "litellm", "numpy", "scipy", "bm25s", "sentence-transformers", "eyecite")
        },
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def git_commit(folder: Path) -> str | None:
    """Commit of the working folder, None outside a checkout."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
