"""Which measures each table of a risk review shows, and the headings that its readers know."""

from collections.abc import Mapping

Columns = tuple[tuple[str, str], ...]

COLUMNS: Mapping[str, Columns] = {
    "outcomes": (
        ("correct", "right"),
        ("wrong", "wrong"),
        ("abstained", "abstained"),
        ("refused", "refused"),
        ("invalid", "invalid"),
        ("unscored", "unscored"),
    ),
    "error": (
        ("p", "p"),
        ("p_upper_exact", "p at most (exact)"),
        ("p_best", "p best"),
        ("p_worst", "p worst"),
        ("judged_wrong", "called wrong by the evaluator"),
    ),
    "escaped": (
        ("p_escaped", "wrong among delivered"),
        ("escaped_rate", "escaped errors per request"),
        ("loss_per_escaped_usd", "loss per error"),
        ("escaped_loss_usd", "expected loss per request"),
        ("kappa_usd", "running cost per request"),
    ),
    "verification": (
        ("sensitivity", "errors stopped"),
        ("specificity", "right answers passed"),
        ("h_usd", "H = p C_v per request"),
        ("c_v_usd", "C_v per error"),
        ("verification_usd", "verifier"),
        ("retries_usd", "retries"),
        ("people_usd", "people"),
    ),
    "vcpd": (
        ("q_tokens", "Q by tokens"),
        ("vcpd", "VCpD"),
        ("vcpd_plain", "without verifier"),
        ("vcpd_l", "VCpD with losses"),
        ("vcpd_l_plain", "the same without verifier"),
        ("break_even_loss_usd", "L*"),
        ("usd_per_verified_answer", "per verified answer"),
    ),
    "abstention": (
        ("abstention_recall", "unanswerable left unanswered"),
        ("abstention_precision", "abstentions that were due"),
        ("over_abstention", "abstained though answerable"),
        ("utility_t75", "utility at t = .75"),
        ("utility_t90", "utility at t = .9"),
    ),
    "calibration": (
        ("brier", "Brier score"),
        ("log_loss", "log loss"),
        ("smece", "smECE"),
        ("aurc", "AURC"),
        ("augrc", "AUGRC"),
        ("coverage_at_risk_05", "coverage at 5 % wrong"),
    ),
    "citations": (
        ("citation_precision", "citation precision"),
        ("citation_recall", "citation recall"),
        ("fabricated_citations", "fabricated"),
        ("misattributed_citations", "misattributed"),
        ("out_of_scope_citations", "out of scope"),
        ("post_cutoff_citations", "after the cut-off"),
        ("evidence_recall", "evidence retrieved"),
    ),
    "comparison": (
        ("p", "p"),
        ("abstained", "abstained"),
        ("q_tokens", "Q by tokens"),
        ("p_escaped", "wrong among delivered"),
        ("kappa_usd", "cost per request"),
        ("usd_per_verified_answer", "per verified answer"),
        ("vcpd", "VCpD"),
    ),
}
