"""Labels in the numbers of a run: `vcpd score RUN`, the plan behind them, and what they leave alone."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from review_cases import answer_row, estimates, events, scored_run
from vcpd.evals.cli import run_cli
from vcpd.evals.review.answers import read_texts
from vcpd.evals.review.desk import Desk
from vcpd.evals.review.labelled_records import inclusions
from vcpd.evals.review.labels import Label
from vcpd.evals.review.plan import Plan, Planned, PlanSettings, last_plan, make_plan, plan_event
from vcpd.evals.review.progress import agreement
from vcpd.evals.review.standing import Standing, standings
from vcpd.evals.review.trail import Trail
from vcpd.evals.saved_runs import open_run
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.record_files import read_records
from vcpd.scoring.records import Outcome, OutcomeBy


def desk_of(run: Path, **settings: Any) -> Desk:
    opened, trail = open_run(run), Trail(run)
    plan = last_plan(trail.refresh())
    if plan is None:
        plan = make_plan(
            opened.records, opened.manifest, PlanSettings(**{"labels": 20, "double_share": 0.0, **settings})
        )
        trail.append(plan_event(plan))
    return Desk(opened, trail, plan, read_texts(run, [p.key for p in plan.items]))


def say(desk: Desk, item: str, reviewer: str, outcome: str, seconds: float = 20.0, kind: str = "label") -> None:
    values = {"item": item, "reviewer": reviewer, "outcome": outcome, "seconds": seconds, "shown": desk.view(item)[1]}
    desk.save(kind, values | ({"harm": "moderate"} if outcome == "incorrect" else {}))


def without_labels(run: Path) -> list[dict[str, Any]]:
    rows = json.loads((run / "estimates.json").read_text())["estimates"]
    return [e for e in rows if e["measure"] not in ("label_alpha", "claim_label_alpha")]


def test_without_labels_a_run_keeps_every_number(tmp_path: Path) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(20)])
    before = without_labels(run)
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert without_labels(run) == before
    desk_of(run)
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert without_labels(run) == before  # a plan alone changes nothing either


def test_a_run_of_models_keeps_every_number_too(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert run_cli(["run", "--domain", "general", "--limit", "12", "--out", str(run), "--quiet"]) == 0
    before = without_labels(run)
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert without_labels(run) == before


def test_labels_taken_back_give_the_old_numbers_back(tmp_path: Path) -> None:
    """ "Cannot tell" is no label: records are as they were, and so is p."""
    run = scored_run(tmp_path, [answer_row(n) for n in range(20)])
    before, records = estimates(run), read_records(run)
    desk = desk_of(run)
    for p in desk.plan.items:
        say(desk, p.item, "Ann", "incorrect")
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert estimates(run)["p"]["value"] == 1
    labelled = [r for r in read_records(run) if r.human is not None]
    assert len(labelled) == len(desk.plan.items)
    assert {r.outcome_by for r in labelled} <= {OutcomeBy.REFERENCE, OutcomeBy.KEY}  # the evaluator's own stays
    assert all(r.inclusion is not None for r in labelled)
    for p in desk.plan.items:
        say(desk, p.item, "Ann", "cannot_tell")
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert estimates(run)["p"] == before["p"]
    assert read_records(run) == records


def test_forty_timed_reviews_go_before_the_declared_seconds(tmp_path: Path) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(60)])
    before = estimates(run)
    desk = desk_of(run, labels=39)
    for n, p in enumerate(desk.plan.items):
        say(desk, p.item, "Ann", "incorrect" if n == 1 else "correct", seconds=30.0)
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert "review time as declared" not in estimates(run)["kappa_usd"]["note"]
    assert json.loads((run / "manifest.json").read_text())["terms"]["legal"]["economics"]["review_log"] == []
    say(desk, desk.plan.items[0].item, "Ben", "correct", seconds=30.0)  # the fortieth; two claims an answer, 15 s each
    assert run_cli(["score", str(run), "--quiet"]) == 0
    after = estimates(run)
    assert "review time measured over 40 reviews" in after["kappa_usd"]["note"]
    assert before["people_usd"]["value"] / after["people_usd"]["value"] == pytest.approx(75 / 15)
    assert after["c_v_usd"]["value"] == pytest.approx(after["h_usd"]["value"] / after["p"]["value"])


def test_the_highest_tier_is_always_picked_and_weighs_one(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert (
        run_cli(["run", "--domain", "medical", "--model", "local/extractive-bold", "--out", str(run), "--quiet"]) == 0
    )
    desk = desk_of(run, labels=30)
    high = {
        r.sample_id
        for r in read_records(run)
        if r.risk_tier == "high" and r.outcome in (Outcome.CORRECT, Outcome.INCORRECT)
    }
    assert {p.sample_id for p in desk.plan.items if p.certain} == high
    others = [p for p in desk.plan.items if not p.certain]
    assert sum(bool(p.flagged) for p in others) == 15 == sum(not p.flagged for p in others)
    clusters = {r.sample_id: r.cluster_id for r in read_records(run)}
    assert len({clusters[p.sample_id] for p in others}) == 30
    graded = {r.sample_id: r.outcome for r in read_records(run) if r.attempt == 1}
    for p in desk.plan.items:  # people agree with the key on all
        say(desk, p.item, "Ann", str(graded[p.sample_id].value))
    assert run_cli(["score", str(run), "--quiet"]) == 0
    numbers = estimates(run)
    assert numbers["p"]["value"] == pytest.approx(numbers["judged_wrong"]["value"])
    weights = {r.sample_id: r.inclusion for r in read_records(run) if r.inclusion is not None}
    assert all(weights[s] == 1 for s in high)
    assert all(0 < weights[p.sample_id] < 1 for p in others)


def test_the_risk_review_says_how_far_reviewers_agree(tmp_path: Path) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(20)])
    desk = desk_of(run, double_share=1.0)
    for n, p in enumerate(desk.plan.items):
        say(desk, p.item, "Ann", "incorrect" if n % 2 else "correct")
        say(desk, p.item, "Ben", "incorrect" if n % 2 and n > 1 else "correct")
    assert run_cli(["score", str(run), "--quiet"]) == 0
    alpha = estimates(run)["label_alpha"]["value"]
    assert 0 < alpha < 1
    assert run_cli(["report", str(run), "--out", str(tmp_path / "review.html"), "--quiet"]) == 0
    page = (tmp_path / "review.html").read_text()
    [said] = re.findall(
        r"Krippendorff(?:'|&#39;)s alpha[^:]*: 1 is agreement, 0 chance\): <data [^>]*>([^<]+)</data>", page
    )
    assert said == f"{alpha:.3f}"


def planned(n: int, *, flagged: bool = True, certain: bool = False, double: bool = True) -> Planned:
    return Planned(f"i{n}", "m", "d", f"q{n}", 1, 1, flagged, certain, double, 1.0, 1.0 if certain else 0.5, n / 10)


def label(n: int, who: str, outcome: str, harm: str | None = None) -> Label:
    return Label(f"i{n}", who, outcome, harm=harm)


def test_what_counts_of_two_labels() -> None:
    both = Standing(planned(0), (label(0, "a", "incorrect", "minor"), label(0, "b", "incorrect", "severe")))
    assert (both.outcome, both.harm, both.disputed, both.human) == ("incorrect", "severe", False, Outcome.INCORRECT)
    apart = Standing(planned(0), (label(0, "a", "incorrect", "minor"), label(0, "b", "correct")))
    assert (apart.outcome, apart.disputed, apart.human) == (None, True, None)
    decided = Standing(apart.planned, apart.labels, label(0, "c", "incorrect", "moderate"))
    assert (decided.outcome, decided.disputed, decided.harm) == ("incorrect", False, "moderate")
    doubt = Standing(planned(0), (label(0, "a", "cannot_tell"),))
    assert (doubt.outcome, doubt.human, doubt.complete) == ("cannot_tell", None, False)


def test_alpha_by_hand_and_with_doubt() -> None:
    """Pairs cc, cc, ii, ci: eight labels, five of one kind; alpha = 1 - 7 * 2 / (2 * 5 * 3)."""
    pairs = [("correct", "correct"), ("correct", "correct"), ("incorrect", "incorrect"), ("correct", "incorrect")]
    stand = [
        Standing(planned(n), tuple(label(n, who, said) for who, said in zip("ab", pair, strict=True)))
        for n, pair in enumerate(pairs)
    ]
    stand.append(Standing(planned(9), (label(9, "a", "correct"), label(9, "b", "cannot_tell"))))
    clusters = {s.planned.key: s.planned.sample_id for s in stand}
    assert agreement(stand, clusters, DrawSettings(n=200)).value == pytest.approx(1 - 7 * 2 / (2 * 5 * 3))
    with pytest.raises(InsufficientDataError):
        agreement(stand[-1:], clusters, DrawSettings(n=200))


def test_open_and_disputed_answers_leave_their_weight_to_the_others() -> None:
    stand = [Standing(planned(n), (label(n, "a", "correct"),)) for n in range(2)]
    stand += [
        Standing(planned(2)),
        Standing(planned(3), (label(3, "a", "correct"), label(3, "b", "incorrect", "minor"))),
    ]
    stand += [Standing(planned(4, certain=True), (label(4, "a", "correct"),))]
    found = inclusions(stand)
    assert sorted(found.values()) == [0.25, 0.25, 1.0]


def test_a_later_plan_holds_the_earlier_one_and_its_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(30)])
    desk = desk_of(run, labels=8)
    for p in desk.plan.items:
        say(desk, p.item, "Ann", "correct")
    assert run_cli(["review", str(run), "--labels", "16", "--status"]) == 0
    plan = last_plan(Trail(run).refresh())
    assert plan is not None
    assert len(plan.items) == 16
    assert {p.item for p in desk.plan.items} < {p.item for p in plan.items}
    assert sum(s.human is not None for s in standings(plan, Trail(run).refresh())) == 8
    for options in (["--labels", "4"], ["--seed", "5"]):
        assert run_cli(["review", str(run), *options, "--status"]) == 64
        assert "a plan can grow" in capsys.readouterr().err
    assert len(events(run, "plan")) == 2


def test_answers_that_people_had_labelled_are_not_picked_again(tmp_path: Path) -> None:
    rows = [answer_row(n, **({"human": {"outcome": "correct"}} if n < 10 else {})) for n in range(30)]
    run = scored_run(tmp_path, rows)
    desk = desk_of(run, labels=40)
    assert sorted(p.sample_id for p in desk.plan.items) == sorted(f"q{n}" for n in range(10, 30))
    all_labelled = scored_run(tmp_path / "all", [answer_row(n, human={"outcome": "correct"}) for n in range(5)])
    assert run_cli(["review", str(all_labelled)]) == 64


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--status"], "no review"),
        (["--model", "nobody"], "holds no model 'nobody'"),
        (["--domain", "tax"], "holds no domain 'tax'"),
    ],
)
def test_what_cannot_be_reviewed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(5)])
    assert run_cli(["review", str(run), *options]) == 64
    assert message in capsys.readouterr().err
    assert run_cli(["review", str(tmp_path)]) == 64
    assert not (run / "labels.jsonl").exists()


def test_a_run_folder_is_scored_alone_and_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(5)])
    for options in ([str(run), str(run)], [str(run), "--out", str(tmp_path / "x")], [str(run), "--judge", "m"]):
        assert run_cli(["score", *options]) == 64
        assert "in place" in capsys.readouterr().err


def test_labels_still_needed_fall_as_labels_come(tmp_path: Path) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(300)])
    desk = desk_of(run, labels=120)
    flagged = {p.item: bool(p.flagged) for p in desk.plan.items}
    left = []
    for n, p in enumerate(desk.plan.items, 1):
        say(desk, p.item, "Ann", "incorrect" if flagged[p.item] else "correct")
        if n in (20, 60, 120):
            [cell] = desk.cells()
            left.append((cell["labelled"], cell["more"], round(cell["half_width"], 3)))
    assert [one[0] for one in left] == [20, 60, 120]
    assert left[0][1] > left[1][1] >= left[2][1]
    assert left[0][2] > left[1][2] > left[2][2]


def test_a_plan_is_read_back_as_it_was() -> None:
    plan = Plan(PlanSettings(7, 0.5, 3, ("m",), ()), (planned(1), planned(2, flagged=False)))
    assert last_plan([json.loads(json.dumps(plan_event(plan)))]) == plan


def test_the_time_and_dollars_still_needed_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten labels of 60 seconds each, ten to go: ten minutes, at 72.67 dollars an hour 12.1 dollars."""
    run = scored_run(tmp_path, [answer_row(n) for n in range(40)])
    desk = desk_of(run, labels=20)
    for p in desk.plan.items[:10]:
        say(desk, p.item, "Ann", "correct", seconds=60.0)
    assert run_cli(["review", str(run), "--status"]) == 0
    said = capsys.readouterr().err
    assert "reviewers still need about 10 minutes [10, 10], from 10 timed labels: 12.1 usd [12.1, 12.1]" in said
    assert "10 of 20 answers done" in said
