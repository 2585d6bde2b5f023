"""From the confidence that a model states to one that holds: fitted on a finished run."""

from ..scoring.abstention import evenly_judged, first_attempts
from ..scoring.corrected import unchecked_grader
from ..scoring.estimate import InsufficientDataError
from ..scoring.stated import stated_records
from ..verifiers.recalibration import FEWEST_LABELS, LogitLine, fit_line
from .saved_runs import SavedRun


def confidence_line(run: SavedRun, model: str, domain: str) -> LogitLine:
    """Platt's line on the logit from stated confidence to the probability of being right, of one model in one domain.

    Fitted on first attempts that were attempted, judged and state a confidence. It holds for answers like those.

    Raises:
        InsufficientDataError: Too few such answers, or all right or all wrong, or judged by an unchecked model alone.
    """
    first = evenly_judged(first_attempts([r for r in run.records if (r.model, r.domain) == (model, domain)]))
    if unchecked_grader(first):
        raise InsufficientDataError("a model graded the answers and no person checked it: nothing to calibrate with")
    data = stated_records(first)
    right = [bool(y) for y in data.right]
    if data.n < FEWEST_LABELS or sum(right) in (0, data.n):
        raise InsufficientDataError(
            f"{model} in {domain}: calibrating takes {FEWEST_LABELS} judged answers with a stated confidence, right "
            f"and wrong ones among them; there are {sum(right)} right and {data.n - sum(right)} wrong"
        )
    return fit_line(data.confidence.tolist(), right)
