"""A cascade of verifiers: the cheap one speaks where it is sure, the next one where asking it pays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..retrieval.passages import Passage
from ..scoring.stage_costs import Band
from ..scoring.usage import Usage
from .recalibration import LogitLine
from .verdict import Claim, Failure, Label, Verdict, Verifier

Pair = tuple[Claim, Sequence[Passage]]
Result = Verdict | Failure


@dataclass(frozen=True, slots=True)
class Stage:
    """One verifier and the band in which it passes a claim on.

    Attributes:
        band: Of the calibrated probability of support; the last stage's is empty.
        line: Makes its probability a calibrated one.
    """

    verifier: Verifier
    band: Band
    line: LogitLine


class StagedVerifier:
    """Claims go from stage to stage until one is sure: its verdict stands, under its own name and version.

    Accepted is what a stage calls SUPPORTED with a calibrated probability in or above its band's upper end and of
    `floor` or more. A stage that fails passes the claim on; where the last one fails, the result is its `Failure`.
    """

    def __init__(self, stages: Sequence[Stage], *, floor: float = 0.0) -> None:
        """Of `stages`, cheapest first.

        Args:
            floor: Least calibrated probability with which anything is accepted, e.g. one that Learn-then-Test found.

        Raises:
            ValueError: No stage.
        """
        if not stages:
            raise ValueError("a cascade needs a stage")
        self.stages, self.floor = tuple(stages), floor

    @property
    def name(self) -> str:
        """The stages, e.g. "lexical>embedded"."""
        return ">".join(s.verifier.name for s in self.stages)

    @property
    def version(self) -> str:
        """Of the stages, their bands and lines, and the floor."""
        parts = [
            f"{s.verifier.version}({s.band.low:.4g},{s.band.high:.4g};{s.line.intercept:.4g},{s.line.slope:.4g})"
            for s in self.stages
        ]
        return ">".join(parts) + (f"+floor({self.floor:.4g})" if self.floor else "")

    def verify(self, pairs: Sequence[Pair]) -> list[Result]:
        """One result per pair, in order; each stage is called once, with all that reaches it.

        Raises:
            ValueError: A stage did not return one result per pair.
        """
        found: list[Result | None] = [None] * len(pairs)
        spent: list[tuple[Usage, ...]] = [()] * len(pairs)
        waiting = list(range(len(pairs)))
        for stage in self.stages:
            if not waiting:
                break
            results = stage.verifier.verify([pairs[i] for i in waiting])
            if len(results) != len(waiting):
                raise ValueError(
                    f"verifier {stage.verifier.name!r} returned {len(results)} results for {len(waiting)} pairs"
                )
            going_on = []
            for i, result in zip(waiting, results, strict=True):
                found[i] = _settled(result, stage, self.floor, spent[i])
                if stage is not self.stages[-1] and goes_on(result, stage):
                    going_on.append(i)
                    spent[i] = (*spent[i], *result.earlier, result.usage)
            waiting = going_on
        return [result for result in found if result is not None]


def goes_on(result: Result, stage: Stage) -> bool:
    """Whether the next stage is asked: the verifier failed, or its probability lies inside the band."""
    return isinstance(result, Failure) or stage.band.low < calibrated(result, stage.line) < stage.band.high


def calibrated(verdict: Verdict, line: LogitLine) -> float:
    """The probability of support on `line`; 0, where there was nothing to compare, stays 0."""
    return line(verdict.probability) if verdict.probability > 0 else 0.0


def accepted(verdict: Verdict, stage: Stage, floor: float) -> bool:
    """Whether a stage that has the last word on a claim lets it out."""
    return verdict.label is Label.SUPPORTED and calibrated(verdict, stage.line) >= max(stage.band.high, floor)


def _settled(result: Result, stage: Stage, floor: float, earlier: tuple[Usage, ...]) -> Result:
    earlier = (*earlier, *result.earlier)
    if isinstance(result, Failure):
        return replace(result, earlier=earlier)
    probability = calibrated(result, stage.line)
    if accepted(result, stage, floor) or result.label is not Label.SUPPORTED:
        return replace(result, probability=probability, earlier=earlier)
    needed = max(stage.band.high, floor)
    return replace(
        result,
        label=Label.NOT_ENOUGH_INFO,
        probability=probability,
        unsupported=result.unsupported or (result.claim.span,),
        reason=f"supported with probability {probability:.2f}, and {needed:.2f} is needed; {result.reason}",
        earlier=earlier,
    )
