"""Every printed measure: its name in `estimates.json`, its unit, and one line of meaning."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's unit ("" for a share) and what it is, undefined cases included."""

    unit: str
    meaning: str


UTILITY_TARGETS = (0.0, 0.5, 0.75, 0.9, 0.95)


def utility_name(target: float) -> str:
    """Name of Kalai's utility at confidence target t, e.g. "utility_t75"."""
    return f"utility_t{round(target * 100):02d}"


VERIFIER_MEASURES: dict[str, Measure] = {
    "sensitivity": Measure("", "share of wrong answers that the verifier rejects; of a bench: of unsupported answers"),
    "specificity": Measure("", "share of right answers that the verifier accepts; of a bench: of supported answers"),
    "response_balanced_accuracy": Measure("", "mean of sensitivity and specificity of a verifier on whole answers"),
    "response_f1": Measure("", "F1 of a verifier on whole answers, unsupported being positive"),
    "response_auroc": Measure("", "probability that a supported answer is ranked above an unsupported one"),
    "response_auprc": Measure("", "average precision of ranking answers, unsupported being positive"),
    "claim_sensitivity": Measure("", "share flagged by the verifier among claims that people found unsupported"),
    "claim_specificity": Measure("", "share not flagged by the verifier among claims that people found supported"),
    "claim_balanced_accuracy": Measure("", "mean of the claim sensitivity and the claim specificity of a verifier"),
    "claim_f1": Measure("", "F1 of a verifier on claims, unsupported being positive"),
    "claim_auroc": Measure("", "probability that a supported claim is ranked above an unsupported one"),
    "claim_auprc": Measure("", "average precision of ranking claims, unsupported being positive"),
    "claim_brier": Measure("", "mean squared difference of the probability of support and being supported"),
    "claim_smece": Measure("", "smooth calibration error of the probability of support; no interval, as for smece"),
    "span_f1": Measure("", "F1 of marked stretches by characters, pooled over answers (arXiv:2401.00396)"),
    "span_token_f1": Measure("", "F1 of marked stretches by words and other signs, pooled over answers"),
}
"""What `vcpd verify bench` prints: a verifier against human labels."""

REVIEW_MEASURES: dict[str, Measure] = {
    "label_alpha": Measure(
        "",
        "agreement of reviewers on whole answers, Krippendorff's alpha (doi:10.1111/j.1468-2958.2004.tb00738.x): 1 is "
        "agreement, 0 chance; undefined where no answer was labelled twice",
    ),
    "claim_label_alpha": Measure("", "the same agreement on single claims"),
}
"""What `vcpd score RUN` adds where people reviewed the run."""

STEP_MEASURES: dict[str, Measure] = {
    "steps": Measure("calls", "model calls per answer of an agent, first attempts; where some answer took several"),
    "steps_p95": Measure("calls", "95th percentile of the model calls per answer; no interval"),
}
"""What is added where some answer took several model calls."""

MEASURES: dict[str, Measure] = {
    "correct": Measure("", "share of all samples whose first attempt is right"),
    "wrong": Measure("", "share of all samples whose first attempt is wrong"),
    "abstained": Measure("", "share of all samples on which the model said it does not know"),
    "refused": Measure("", "share of all samples that the model declined to answer"),
    "invalid": Measure("", "share of all samples with an empty, truncated or unreadable answer"),
    "unscored": Measure("", "share of all samples whose answer nobody could judge"),
    "p": Measure(
        "",
        "error probability: wrong / (correct + wrong) of the first attempt; undefined if none attempted, or if only "
        "answers to unanswerable questions could be judged",
    ),
    "p_best": Measure("", "p if every unscored answer were right"),
    "p_worst": Measure("", "p if every unscored and every invalid answer were wrong"),
    "p_upper_exact": Measure("", "one-sided Clopper-Pearson upper bound of p"),
    "judged_wrong": Measure("", "share that the automatic evaluator alone calls wrong among what it judged; not p"),
    "label_value": Measure("labels", "labels that one label by people is worth beside the judge: 1 / (1 - rho^2)"),
    **REVIEW_MEASURES,
    "p_escaped": Measure("", "share wrong among answers that the policy delivers without a person"),
    **{
        utility_name(t): Measure("points", f"Kalai utility: correct - {t:g}/(1-{t:g}) * wrong (arXiv:2509.04664)")
        for t in UTILITY_TARGETS
    },
    "correct_given_attempted": Measure("", "correct / (correct + wrong) = 1 - p (SimpleQA, arXiv:2411.04368)"),
    "simpleqa_f": Measure("", "2 correct / (1 + correct + wrong): rewards guessing above even odds (arXiv:2411.04368)"),
    "omniscience_index": Measure("points", "AA-Omniscience index: 100 (correct - wrong) (arXiv:2511.13029)"),
    "wrong_among_not_correct": Measure(
        "", 'share wrong among all that is not correct: the "hallucination rate" of arXiv:2511.13029; not p'
    ),
    "abstention_recall": Measure("", "share abstained among samples that must be abstained on"),
    "abstention_precision": Measure("", "share that had to be abstained on among abstentions"),
    "over_abstention": Measure("", "share abstained among answerable samples"),
    "abstention_f1": Measure("", "harmonic mean of abstention recall and precision (arXiv:2506.09038)"),
    "brier": Measure("", "mean squared difference of stated confidence and being right, over attempted samples"),
    "log_loss": Measure("nats", "mean -ln of the confidence stated for what happened, clipped to [0.001, 0.999]"),
    "aurc": Measure("", "mean over k of the share wrong among the k most confident attempted samples"),
    "e_aurc": Measure("", "aurc beyond that of a perfect ranking with as many errors (arXiv:1805.08206)"),
    "augrc": Measure(
        "", "mean over k of the wrong among these k, as a share of all attempted samples (arXiv:2407.01032)"
    ),
    "coverage_at_risk_05": Measure("", "largest share of attempted answers, most confident first, with 5 % wrong"),
    "smece": Measure("", "smooth calibration error (arXiv:2309.12236); no interval: its method says what chance shows"),
    "citation_precision": Measure("", "share of citations that resolve, are allowed and support their claim (ALCE)"),
    "citation_recall": Measure("", "share of claims that the sources they cite support (ALCE, arXiv:2305.14627)"),
    "fabricated_citations": Measure("", "share of citations that point to nothing"),
    "misattributed_citations": Measure("", "share of citations whose claim another source supports, not the cited one"),
    "wrong_pincite_citations": Measure("", "share of citations of a real decision at a page that it does not have"),
    "out_of_scope_citations": Measure("", "share of citations of a real source that the source policy forbids"),
    "post_cutoff_citations": Measure("", "share of citations of a real source dated after the cut-off"),
    **STEP_MEASURES,
    "evidence_recall": Measure("", "share of the gold evidence among the retrieved passages (recall@k)"),
    "retrieval_coverage": Measure("", "share of answerable samples whose whole gold evidence was retrieved"),
    "evidence_ndcg": Measure("", "nDCG@k of the documents that hold gold evidence, each counted once"),
    "evidence_rr": Measure("", "1 / rank of the first document that holds gold evidence, 0 if there is none"),
    "evidence_char_precision": Measure("", "share of retrieved characters that are gold evidence (arXiv:2408.10343)"),
    "evidence_char_recall": Measure("", "share of gold characters that were retrieved (arXiv:2408.10343)"),
    "verified_answer_rate": Measure("", "share of requests that end in a delivered answer that is right"),
    "escaped_rate": Measure("", "share of requests that end in a wrong answer, delivered without a person"),
    "q": Measure("", "share right among delivered answers, under the retry policy"),
    "q_tokens": Measure("", "the same weighted by delivered tokens: the Q of VCpD"),
    "t_tokens_per_s": Measure("tokens/s", "delivered tokens per second, as run or at a measured SLO: the T of VCpD"),
    "c_usd_per_s": Measure("usd/s", "dollars per second: requests per second times kappa: the C of VCpD"),
    "c_g_usd": Measure("usd", "retrieval and generation of the first attempt, per request"),
    "verification_usd": Measure("usd", "the verifier in the loop, per request"),
    "retries_usd": Measure("usd", "retrieval and generation of later attempts, per request"),
    "people_usd": Measure("usd", "reviews by people at the base wage, per request"),
    "h_usd": Measure("usd", "hallucination overhead p*C_v: kappa - c_g, per request"),
    "c_v_usd": Measure("usd", "derived verification cost per error: H / p; undefined where p is 0"),
    "kappa_usd": Measure("usd", "dollars per request under the policy, people included"),
    "vcpd": Measure("tokens/usd", "Verified Capability per Dollar: Q * T / C"),
    "vcpd_floor": Measure("tokens/usd", "VCpD where q_tokens reaches the pack's floor q_min, else undefined"),
    "loss_per_escaped_usd": Measure("usd", "mean loss of an escaped error: by harm class, or as the pack declares"),
    "escaped_loss_usd": Measure("usd", "expected loss from escaped errors, per request; no part of kappa"),
    "vcpd_l": Measure("tokens/usd", "VCpD with each escaped error charged at the mean loss of an escaped error"),
    "vcpd_plain": Measure("tokens/usd", "VCpD as if no verifier had been in the loop: every attempt delivered"),
    "vcpd_l_plain": Measure("tokens/usd", "vcpd_l as if no verifier had been in the loop"),
    "break_even_loss_usd": Measure("usd", "loss per escaped error above which verifying in the loop pays"),
    "verified_answers_per_usd": Measure("answers/usd", "delivered right answers per dollar"),
    "usd_per_verified_answer": Measure("usd", "dollars per delivered right answer"),
    **VERIFIER_MEASURES,
}
