"""The first sentence of a risk review: may this model ship in this domain, and how sure is that."""

from ..scoring.launch_limits import LIMITS, Check, Launch
from .plain_numbers import in_words, written
from .review_views import CellView

_WORDS = {Launch.YES: "Yes", Launch.NO: "No", Launch.NOT_SHOWN: "Not shown"}
_SAID = {
    "p_max": ("{} of the answers it attempts are wrong", "within the tolerance of {}", "above the tolerance of {}"),
    "q_min": ("{} of what is delivered is right (Q)", "at or above the floor of {}", "below the floor of {}"),
    "must_abstain_recall_min": (
        "{} of the questions that must be left unanswered are left so",
        "at or above the floor of {}",
        "below the floor of {}",
    ),
    "usd_per_verified_answer_max": ("a verified answer costs {}", "within the limit of {}", "above the limit of {}"),
}  # fmt: skip
_ALWAYS = ("p_max", "q_min")


def verdict_word(verdict: Launch) -> str:
    """ "Yes", "No" or "Not shown"."""
    return _WORDS[verdict]


def launch_sentence(cell: CellView) -> str:
    """One sentence: the verdict, p and Q with their intervals against their limits, then any other limit not kept."""
    launch = cell.launch
    shown = [c for c in launch.checks if c.name in _ALWAYS or c.verdict is not Launch.YES]
    parts = [_part(c) for c in shown]
    why = [*parts, *([launch.reason] if launch.reason else [])]
    return f"{verdict_word(launch.verdict)}, {cell.label} in {cell.domain}: {'; '.join(why)}."


def after_verdict(cell: CellView) -> str:
    """The sentence without its first word, which a page sets apart."""
    return launch_sentence(cell).removeprefix(verdict_word(cell.launch.verdict))


def _part(check: Check) -> str:
    about, kept, broken = _SAID[check.name]
    limit = limit_text(check)
    if check.measured is None or check.measured.estimate is None:
        return f"{LIMITS[check.name].meaning} is unknown ({check.reason}), the limit being {limit}"
    verdict = {
        Launch.YES: kept.format(limit),
        Launch.NO: broken.format(limit),
        Launch.NOT_SHOWN: f"not shown to keep the limit of {limit}",
    }
    claim = ""
    if check.name == "p_max" and check.verdict is not Launch.NO and check.bound is not None:
        claim = f", at most {written('p', '', check.bound)} by the exact one-sided bound"
    return f"{about.format(in_words(check.measured))}{claim}, {verdict[check.verdict]}"


def limit_text(check: Check) -> str:
    """The limit with its unit."""
    return written(LIMITS[check.name].measure, "usd" if "usd" in check.name else "", check.limit)
