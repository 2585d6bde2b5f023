"""How long people took to review: from a timing log, or from recorded answers that carry seconds."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path

from .importers.recorded import RecordedAnswer
from .pack_fields import PackError
from .packs import DomainPack

Times = Mapping[str, tuple[float, ...]]
EVERY = ""
"""The domain of a log that names none."""


def read_review_times(path: Path) -> Times:
    """Seconds per claim, one a review, by domain.

    Args:
        path: CSV with the columns `seconds` and, if wanted, `claims` (how many were reviewed; 1) and `domain`.

    Raises:
        PackError: No such file or column, or a number that is not above 0; names file, line and field.
    """
    found: dict[str, list[float]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if "seconds" not in (rows.fieldnames or ()):
                raise PackError(f"{path}, line 1: a timing log needs a column 'seconds'")
            for n, row in enumerate(rows, 2):
                seconds, claims = (_above_0(path, n, row, name) for name in ("seconds", "claims"))
                found.setdefault((row.get("domain") or EVERY).strip(), []).append(seconds / claims)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PackError(f"{path}: cannot be read as CSV ({error})") from error
    return {domain: tuple(times) for domain, times in found.items()}


def times_of_answers(answers: Sequence[RecordedAnswer], claims: Mapping[tuple[str, str, str, int], int]) -> Times:
    """Seconds per claim of the answers whose reviewers were timed, by domain.

    Args:
        claims: Statements of each answer (model, domain, sample_id, epoch), where the reviewer's own are not recorded.
    """
    found: dict[str, list[float]] = {}
    for a in answers:
        if a.human is not None and a.human.seconds:
            n = len(a.human.claims) or claims.get((a.model, a.domain, a.sample_id, a.epoch), 0)
            found.setdefault(a.domain, []).append(a.human.seconds / max(n, 1))
    return {domain: tuple(times) for domain, times in found.items()}


def with_review_times(packs: Sequence[DomainPack], times: Times) -> list[DomainPack]:
    """The packs with the times of their domain, or those that name none, beside what they declare."""

    def timed(pack: DomainPack) -> DomainPack:
        log = times.get(pack.name) or times.get(EVERY) or ()
        if pack.economics is None:
            return pack
        return replace(pack, economics=replace(pack.economics, review_log=log))

    return [timed(pack) for pack in packs]


def _above_0(path: Path, line: int, row: Mapping[str, str | None], name: str) -> float:
    text = row.get(name)
    if name == "claims" and not text:
        return 1.0
    try:
        value = float(text or "")
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0):
        raise PackError(f"{path}, line {line}, field '{name}': {str(text)[:40]!r} is not a number above 0")
    return value
