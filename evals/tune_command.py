"""What `vcpd verify tune` does with its options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..scoring.prices import default_prices, load_prices
from ..scoring.stage_costs import ClaimCosts
from ..verifiers.stage_tuning import Promise, Tuned
from .cascade_file import cascade_json
from .cli_progress import claim_progress
from .labelled import read_labelled
from .pack_by_name import load_pack
from .run_folder import write_json
from .tune import TuneError, costs_of, tune_cascade
from .verifier_names import verifier_of


@dataclass(frozen=True, slots=True)
class Cascade:
    """A tuned cascade with what it was tuned for."""

    tuned: Tuned
    costs: ClaimCosts
    as_json: dict[str, Any]

    def show(self) -> None:
        """Print it for people."""
        from ..reports.cascade_table import StageLine, WorthLine, print_cascade

        whole = self.tuned.worth[0]
        stages = [
            StageLine(s.verifier.name, s.band.low, s.band.high, share)
            for s, share in zip(self.tuned.stages, whole.decided, strict=True)
        ]
        lines = [WorthLine(w.name, w.checking_usd, w.usd, w.sensitivity, w.specificity) for w in self.tuned.worth]
        print_cascade(stages, lines, self._remarks())

    def _remarks(self) -> list[str]:
        costs, found = self.costs, self.tuned
        said = [
            f"An unsupported claim let out costs {costs.loss:g} dollars, a rejection {costs.rejection:g}: without a "
            f"further stage accept from {costs.accept_from:.3f} on."
        ]
        said += [
            f"{s.verifier.name}: asking the next stage never pays at these costs."
            for s in found.stages[:-1]
            if not s.band.asks
        ]
        cheapest = min(found.worth, key=lambda w: w.usd.value)
        if cheapest is not found.worth[0]:
            said.append(
                f"Cheapest by the mean: {cheapest.name} alone. Where intervals overlap, these labels do not tell."
            )
        if found.floor is not None:
            said.append(f"Promised of unsupported claims among accepted ones: {found.floor.guarantee}; accept from "
                        f"{found.floor.threshold:.3f} on.")  # fmt: skip
        elif found.why:
            said.append(f"No promise: {found.why}.")
        return said


def tune_file(file: str, stages: Sequence[str], options: Mapping[str, Any], *, quiet: bool) -> Cascade:
    """Read the labels, judge them by every stage, tune.

    Raises:
        TuneError: No stage, or no costs. RecordedAnswerError, VerifierNameError: As reading and loading them.
    """
    if not stages:
        raise TuneError("--stages names no verifier; write e.g. --stages lexical,embedded")
    pack = load_pack(options["domain"]) if options["domain"] else None
    costs = costs_of(pack, options["loss"], options["rejection"])
    promise = Promise(options["alpha"], options["delta"]) if options["alpha"] else None
    prices = load_prices(options["prices"]).over(default_prices()) if options["prices"] else default_prices()
    labels = read_labelled(file)
    verifiers = [verifier_of(name) for name in stages]
    with claim_progress(quiet=quiet) as progress:
        found = tune_cascade(labels.answers, verifiers, costs, prices, promise, seed=options["seed"], progress=progress)
    return Cascade(found, costs, cascade_json(found, list(stages), costs, promise, Path(file).name))


def write_cascade(out: Path, found: Cascade) -> None:
    """Write it atomically, with the folder where that is missing."""
    out.parent.mkdir(parents=True, exist_ok=True)
    write_json(out, found.as_json)
