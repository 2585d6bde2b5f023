"""Weights of the lexical verifier, and where they come from.

A logistic regression of "a person called the claim supported" on `lexical_features.FEATURES`, with the signs of the
weights fixed (more in common never speaks against a claim). Fitted on three public sets, each with equal weight:

- RAGTruth (Niu et al. 2024, arXiv:2401.00396), question-answering part: sentences of 392 answers of six models; not
  supported = touches a stretch that people marked;
- FActScore (Min et al. 2023, arXiv:2305.14251): 8,957 atomic facts of InstructGPT and ChatGPT against Wikipedia pages;
- WiCE (Kamoi et al. 2023, arXiv:2303.01432), development part: 349 claims against the page they cite; partially
  supported counts as not supported.

Five-fold cross-validation over clusters (source, person, page); AUROC with 95 % bootstrap interval over clusters, and
balanced accuracy at the threshold: RAGTruth sentences .895 [.864, .923], .787; FActScore ChatGPT .832 [.815, .851],
.730; FActScore InstructGPT .881 [.866, .896], .792; WiCE .801 [.748, .842], .713. Expected calibration error .023 with
the sets weighted equally. On HealthVer, all paraphrase and not fitted on, AUROC is .53: hardly better than chance.
"""

BIAS = -1.514
WEIGHTS = {
    "window_recall": 3.918,
    "window_bigrams": 1.435,
    "numbers_missing_window": -0.714,
    "numbers_missing_all": -1.912,
    "names_missing_window": -1.282,
    "names_missing_all": -1.546,
}
THRESHOLD = 0.5
"""Probability from which a claim is called supported."""

IF_NUMBER_ABSENT = 0.49
"""Factor where the claim has a number, a quantity, a date or a name that no source has: never called supported."""

IF_CONTRADICTED = 0.25
"""Factor where its best evidence contradicts a number, unit, date or negation of the claim."""

OVERLAP = 0.6
"""Share of the claim's words that its best evidence must hold before a difference counts as a contradiction."""
