"""Several models (or the same one before and after) on the same samples: cells whose draws belong together.

Draw k of every model resamples the same clusters, so what the samples have in common cancels in a comparison
(STATISTICS: joint draws on common items). That holds only where the models answered the same samples.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .cell import Cell, DomainTerms, make_cell
from .draws import DrawSettings
from .policy import AttemptKey
from .prices import PriceTable
from .records import ClaimCounts, Record
from .served import served_cell
from .throughput import Throughput


class DifferentSamplesError(ValueError):
    """Models that are to be compared did not answer the same samples; the message says which lack what."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of a comparison, in one domain.

    Attributes:
        label: What it is called, unlike the others: the model, with its run where that is needed.
        records: Attempts of one model in one domain.
        counts: Claims of each attempt.
        terms: Economics and retry policy; a deterministic model's has no retries.
        token_note: Said where token counts were estimated.
        throughput: Measured T of the model; None: not measured.
    """

    label: str
    records: tuple[Record, ...]
    counts: Mapping[AttemptKey, ClaimCounts]
    terms: DomainTerms
    token_note: str = ""
    throughput: Throughput | None = None

    @property
    def samples(self) -> dict[str, str]:
        """Cluster of each sample, by sample."""
        return {r.sample_id: r.cluster_id for r in sorted(self.records, key=lambda r: r.sample_id)}


def joint_cells(arms: Sequence[Arm], prices: PriceTable, draws: DrawSettings) -> dict[str, Cell]:
    """One cell for each arm, by label, in joint draws, all priced with one table.

    Raises:
        DifferentSamplesError: The arms hold different samples, or put them in different clusters.
        ValueError: Two arms have one label.
    """
    check_same_samples(arms)
    if len({arm.label for arm in arms}) < len(arms):
        raise ValueError("two sides of a comparison have the same name")
    return {arm.label: joint_cell(arm, prices, draws) for arm in arms}


def joint_cell(arm: Arm, prices: PriceTable, draws: DrawSettings) -> Cell:
    """One arm in draws that belong with those of every other arm of the same samples and `draws`."""
    settings = replace(draws, tie_seed=zlib.crc32(arm.label.encode(errors="replace")))
    cell = make_cell(list(arm.records), arm.counts, arm.terms, prices, settings)
    if arm.throughput is not None:
        cell = served_cell(cell, arm.records, arm.throughput)
    return replace(cell, token_note=arm.token_note)


def check_same_samples(arms: Sequence[Arm]) -> None:
    """Raises DifferentSamplesError where the arms do not hold the same samples in the same clusters."""
    first, *others = arms
    for other in others:
        mine, theirs = first.samples, other.samples
        if mine.keys() != theirs.keys():
            missing, extra = sorted(mine.keys() - theirs.keys()), sorted(theirs.keys() - mine.keys())
            said = [f"{other.label} lacks {_some(missing)}"] * bool(missing)
            said += [f"{first.label} lacks {_some(extra)}"] * bool(extra)
            shared = len(mine.keys() & theirs.keys())
            raise DifferentSamplesError(
                f"{first.records[0].domain}: {first.label} and {other.label} did not answer the same samples: "
                f"{'; '.join(said)}; {shared} are common to both"
            )
        moved = [name for name in mine if mine[name] != theirs[name]]
        if moved:
            raise DifferentSamplesError(
                f"{first.records[0].domain}: {first.label} and {other.label} put sample '{moved[0]}' into the clusters "
                f"'{mine[moved[0]]}' and '{theirs[moved[0]]}'; the same sample belongs to one cluster"
            )


def common_samples(arms: Sequence[Arm]) -> list[Arm]:
    """The arms, cut to the samples that all of them hold."""
    shared = set.intersection(*(set(arm.samples) for arm in arms)) if arms else set()
    return [replace(arm, records=tuple(r for r in arm.records if r.sample_id in shared)) for arm in arms]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:3])
    return f"{len(names)} ({shown}{', ...' if len(names) > 3 else ''})"
