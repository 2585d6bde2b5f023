"""Which answers people look at: half flagged and half not, one a cluster, each with its inclusion probability.

Never those that look suspicious: their share of errors says nothing of the rest (STATISTICS: post-stratified error
rate). Two phases (Saerndal, Swensson and Wretman 1992, ch. 9): of each cluster one answer becomes its candidate; of
the candidates of each verdict the first ones in a random order are picked. Answers of the tiers that always go to
people are taken with certainty, beside the others. The order is a seed's, so a longer sample holds the shorter one.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from .estimate import InsufficientDataError

Verdicts = Sequence[bool | None]


@dataclass(frozen=True, slots=True)
class Pick:
    """One answer that people look at.

    Attributes:
        index: Its place among the answers given. place: Its place in the queue, in [0, 1); it tells no verdict.
        flagged: By the judge; None where no judge spoke of any answer.
        certain: Of a tier that always goes to people.
        candidate: Probability with which it became the candidate of its cluster; 1 where `certain`.
        inclusion: Probability, in (0, 1], with which it was picked at all.
    """

    index: int
    place: float
    flagged: bool | None
    certain: bool
    candidate: float
    inclusion: float


def review_sample(
    flags: Verdicts, clusters: Sequence[str], certain: Sequence[bool], labels: int, seed: int
) -> list[Pick]:
    """The answers to review, in the order of the queue.

    Args:
        flags: The judge's verdict on each; an answer that it did not speak of is never picked, unless it spoke of none.
        certain: Whether people always see the answer.
        labels: How many to pick beside the certain ones, 0 or more; as many as there are clusters at most.

    Raises:
        InsufficientDataError: There is no answer. ValueError: Lengths differ, or a negative number.
    """
    if not len(flags) == len(clusters) == len(certain) or labels < 0:
        raise ValueError(f"{len(flags)} verdicts, {len(clusters)} clusters, {len(certain)} tiers, {labels} labels")
    if not len(flags):
        raise InsufficientDataError("no answer to review")
    rng = np.random.default_rng(seed)
    jitter = rng.uniform(size=len(flags))
    rest = [i for i, always in enumerate(certain) if not always]
    if any(f is not None for f in flags):
        rest = [i for i in rest if flags[i] is not None]
    candidates = _candidates(rest, flags, clusters, rng)
    found = [Pick(i, float(jitter[i]), flags[i], True, 1.0, 1.0) for i, always in enumerate(certain) if always]
    for verdict, n in _split(candidates, flags, labels).items():
        mine = [i for i in candidates if flags[i] is verdict]
        order = rng.permutation(len(mine))  # also where n is 0: the order depends on the seed alone
        for rank, i in enumerate(mine[int(k)] for k in order[:n]):
            place = (rank + float(jitter[i])) / n
            found.append(Pick(i, place, verdict, False, candidates[i], candidates[i] * n / len(mine)))
    return sorted(found, key=lambda pick: (pick.place, pick.index))


def _candidates(
    rest: Sequence[int], flags: Verdicts, clusters: Sequence[str], rng: np.random.Generator
) -> dict[int, float]:
    """One answer a cluster and its probability: first a verdict that the cluster holds, then an answer with it."""
    groups: dict[str, dict[bool | None, list[int]]] = {}
    for i in rest:
        groups.setdefault(clusters[i], {}).setdefault(flags[i], []).append(i)
    found = {}
    for group in groups.values():
        verdicts = sorted(group, key=str)
        among = group[verdicts[int(rng.integers(len(verdicts)))]]
        found[among[int(rng.integers(len(among)))]] = 1 / len(verdicts) / len(among)
    return found


def _split(candidates: Mapping[int, float], flags: Verdicts, labels: int) -> dict[bool | None, int]:
    """Half flagged and half not, as far as there are that many."""
    counts = {verdict: sum(flags[i] is verdict for i in candidates) for verdict in (True, False, None)}
    labels = min(labels, len(candidates))
    flagged = max(min(floor(labels / 2), counts[True]), labels - counts[False] - counts[None])
    return {True: flagged, False: min(labels - flagged, counts[False]), None: min(labels - flagged, counts[None])}


def inclusion_of_labelled(picks: Sequence[Pick], labelled: Sequence[bool]) -> list[float]:
    """Probabilities with which the picked answers came to be labelled: those of the design, times the share labelled.

    Args:
        labelled: Whether a picked answer has a label that counts. The queue is in random order within a verdict, so
            the labelled ones of a sample that is not finished are a smaller sample of the same design.

    Returns:
        One for each pick, in (0, 1]; of those not labelled it has no meaning.
    """
    groups: dict[tuple[bool | None, bool], list[bool]] = {}
    for pick, seen in zip(picks, labelled, strict=True):
        groups.setdefault((pick.flagged, pick.certain), []).append(seen)
    shares = {key: max(sum(seen), 1) / len(seen) for key, seen in groups.items()}
    return [pick.inclusion * shares[pick.flagged, pick.certain] for pick in picks]


def cell_seed(seed: int, model: str, domain: str) -> int:
    """A seed of its own for each model in each domain."""
    return seed + zlib.crc32(f"{model}\0{domain}".encode(errors="replace"))
