"""A review of some answers against the labels of all: RAGTruth's human labels play the reviewers.

The data set is not part of this repository. VCPD_DATA names the folder that holds it.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.review.labelled_records import judged_by_people, with_labels
from vcpd.evals.review.labels import Label
from vcpd.evals.review.plan import PlanSettings, make_plan
from vcpd.evals.review.standing import Standing
from vcpd.evals.saved_runs import open_run
from vcpd.scoring.corrected import corrected_rate, marks_of
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.judge_tables import LabelChoice

FILE = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "ragtruth_qa.jsonl"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"needs RAGTruth's labels; none at {FILE} (set VCPD_DATA)")


def test_twenty_five_labels_a_model_give_back_its_p(tmp_path: Path) -> None:
    """The verifier in the loop is the judge; 20 samples of six models: the interval holds the share over all answers
    in nine of ten, and errs by less than .03 on average."""
    assert run_cli(["score", str(FILE), "--labels", "none", "--out", str(tmp_path / "run"), "--quiet"]) == 0
    run = open_run(tmp_path / "run")
    said = {(r.model, r.sample_id): r.human.value for r in run.records if r.human is not None}
    records = [replace(r, human=None) for r in run.records]
    held, errors = [], []
    for seed in range(20):
        plan = make_plan(records, run.manifest, PlanSettings(labels=150, seed=seed))
        stand = [
            Standing(p, (Label(p.item, "a", said[p.model, p.sample_id]),))
            for p in plan.items
            if (p.model, p.sample_id) in said
        ]
        labelled = [judged_by_people(r) for r in with_labels(records, stand)]
        for model in run.models(run.domains[0]):
            mine = [r for r in labelled if r.model == model]
            marks = marks_of(mine, LabelChoice.BY_VERDICT)
            assert marks is not None
            assert marks.judge == "verifier in the loop"
            p = corrected_rate(mine, marks, DrawSettings(n=1000, seed=seed)).estimate("p")
            among = [o for (m, _), o in said.items() if m == model and o in ("correct", "incorrect")]
            truth = among.count("incorrect") / len(among)
            assert p.low is not None
            assert p.high is not None
            held.append(p.low <= truth <= p.high)
            errors.append(p.value - truth)
    print(json.dumps({"held": float(np.mean(held)), "mean error": float(np.mean(errors))}))
    assert np.mean(held) >= 0.9
    assert abs(np.mean(errors)) < 0.03
