"""Outcomes of two models on the same samples, made by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from vcpd.scoring.outcome_columns import OutcomeColumns
from vcpd.scoring.paired_shares import Pair

WORDS = {"c": "correct", "w": "incorrect", "a": "abstained", "r": "refused", "i": "invalid", "u": "unscored"}


def columns(
    outcomes: str, *, human: str = "", by: str = "key", clusters: Sequence[str] = (), **more: Any
) -> OutcomeColumns:
    """One letter a sample: correct, wrong, abstained, refused, invalid, unscored; `human`: so too, "-" unlabelled."""
    n = len(outcomes)
    auto = [WORDS[o] for o in outcomes]
    people = [WORDS.get(h) for h in human.ljust(n, "-")]
    names = np.array([f"s{i:04}" for i in range(n)], object)
    fields: dict[str, Any] = {
        "samples": names,
        "epochs": np.ones(n, np.int64),
        "clusters": np.array(list(clusters), object) if clusters else names,
        "outcome": np.array([h or a for a, h in zip(auto, people, strict=True)], object),
        "outcome_by": np.array([_judge(o, h, by) for o, h in zip(outcomes, people, strict=True)], object),
        "human": np.array(people, object),
        "graded": np.array([a if h else None for a, h in zip(auto, people, strict=True)], object),
        "answerable": np.full(n, None, object),
        "policy_verdict": np.full(n, None, object),
    }
    return OutcomeColumns(**{**fields, **more})


def _judge(outcome: str, human: str | None, by: str) -> str | None:
    return None if outcome == "u" else "human" if human else by


def pair(old: OutcomeColumns, new: OutcomeColumns, **more: Any) -> Pair:
    """Both arms in the domain "legal"."""
    return Pair("legal", "new", old, new, **more)
