"""Agent logs of Inspect (tests/fixtures/imported/inspect/agent*.eval) as trajectories; the program that made them,
make/inspect_agents.py, holds every call's tokens, from which the numbers here are worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.evals.cli import run_cli
from vcpd.evals.importers import RecordedAnswerError, read_answers
from vcpd.evals.importers.fields import Fields
from vcpd.evals.importers.inspect_steps import trajectory_of
from vcpd.evals.importers.inspect_zip import header_of, samples_of
from vcpd.evals.importers.rows import answer_of, to_row
from vcpd.scoring.record_files import read_records
from vcpd.scoring.records import Outcome

LOGS = Path(__file__).parents[1] / "fixtures" / "imported" / "inspect"
PRICES = """
[models."mockllm/model"]
input = 2.0
output = 10.0
cache_read = 0.5
[models."mockllm/helper"]
input = 1.0
output = 4.0
"""
# micro-dollars: input * 2 + output * 10 + cached * .5; the helper's call 10 * 1 + 5 * 4
RIVER, YEAR, LENGTH, OWNER = (400, 450, 30, 285), (310,), (410, 200), (420, 345, 360, 255)
WHOLE = sum(RIVER) + sum(YEAR) + sum(LENGTH) + sum(OWNER)


def answers(name: str) -> dict[str, Any]:
    return {a.sample_id: a for a in read_answers(LOGS / f"{name}.eval").answers}


def scored(folder: Path, name: str, *options: str) -> dict[str, Any]:
    (folder / "prices.toml").write_text(PRICES)
    file, out = str(LOGS / f"{name}.eval"), folder / name
    assert run_cli(["score", file, "--prices", str(folder / "prices.toml"), "--out", str(out), *options]) == 0
    rows = json.loads((out / "estimates.json").read_text())["estimates"]
    return {row["measure"]: row for row in rows}


def table(run: Path, name: str) -> list[dict[str, Any]]:
    return list(pq.ParquetFile(run / f"{name}.parquet").read().to_pylist())


def changed(tmp_path: Path, name: str, sample_id: str, change: Any) -> Path:
    """A log as JSON with one sample, changed."""
    log = LOGS / f"{name}.eval"
    sample = next(s for _, s in samples_of(log) if s["id"] == sample_id)
    change(sample)
    path = tmp_path / "log.json"
    path.write_text(json.dumps({**(header_of(log) or {}), "samples": [sample]}))
    return path


def test_each_call_is_a_step_with_its_own_model_and_tokens() -> None:
    steps = answers("agent")["river"].steps
    assert [(u.model, u.input_tokens, u.cache_read_tokens, u.output_tokens, u.reasoning_tokens) for u in steps] == [
        ("mockllm/model", 100, 0, 20, 0),
        ("mockllm/model", 50, 100, 30, 12),
        ("mockllm/helper", 10, 0, 5, 0),
        ("mockllm/model", 60, 150, 9, 4),
    ]
    assert {(u.stage, u.requests) for u in steps} == {("generate", 1)}
    assert all(u.seconds > 0 for u in steps)


def test_a_grader_makes_no_step_even_where_it_is_the_model_under_test() -> None:
    graded, by_key = answers("agent"), answers("agent_key")
    for sample_id, answer in graded.items():
        assert [u.output_tokens for u in answer.steps] == [u.output_tokens for u in by_key[sample_id].steps]
    assert {a.grade.by for a in graded.values()} == {"grader"}
    assert {a.grade.by for a in by_key.values()} == {"key"}  # a sub-agent is no grader


def test_a_grader_within_the_agents_loop_makes_no_step() -> None:
    recorded = read_answers(LOGS / "agent_tries.eval")
    assert {a.sample_id: [u.output_tokens for u in a.steps] for a in recorded.answers} == {"river": [6, 5], "year": [4]}
    assert recorded.remarks == (
        "2 trajectories were told by a scorer, while still at work, whether they were right: nobody tells an agent in "
        "production",
    )


def test_the_steps_and_gradings_of_a_sample_add_up_to_what_inspect_metered() -> None:
    from inspect_ai.log import read_eval_log

    for path in sorted(LOGS.glob("agent*.eval")):
        log = read_eval_log(str(path))
        ours = answers(path.stem)
        for sample in log.samples or []:
            steps = ours[str(sample.id)].steps
            judge = 7 if path.stem == "agent" else 0  # the model under test graded itself, in one call
            for model in {u.model for u in steps}:
                mine, metered = [u for u in steps if u.model == model], sample.model_usage[str(model)]
                own = judge if model == log.eval.model else 0
                assert sum(u.input_tokens for u in mine) + own == metered.input_tokens
                assert sum(u.reasoning_tokens for u in mine) == (metered.reasoning_tokens or 0)
                assert sum(u.cache_read_tokens for u in mine) == (metered.input_tokens_cache_read or 0)


def test_costs_tokens_and_vcpd_by_hand(tmp_path: Path) -> None:
    found = scored(tmp_path, "agent_key", "--quiet")
    assert WHOLE == 3465
    assert found["c_g_usd"]["value"] == found["kappa_usd"]["value"] == pytest.approx(3465e-6 / 4)
    assert found["p"]["value"] == pytest.approx(1 / 3)  # river and owner right, year wrong, length abstained
    assert found["q_tokens"]["value"] == pytest.approx((5 + 10) / (5 + 10 + 11))  # 9 - 4 hidden, 10, 11
    assert found["vcpd"]["value"] == pytest.approx((5 + 10) / 3465e-6)
    records = {r.sample_id: (r.output_tokens, r.delivered_tokens) for r in read_records(tmp_path / "agent_key")}
    assert records == {"river": (64, 5), "year": (11, 11), "length": (28, 7), "owner": (76, 10)}


def test_steps_are_counted_and_their_share_of_the_dollars_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = scored(tmp_path, "agent_key")
    assert (found["steps"]["value"], found["steps_p95"]["value"]) == ((4 + 1 + 2 + 4) / 4, 4)
    assert {r["sample_id"]: r["steps"] for r in table(tmp_path / "agent_key", "answers")} == {
        "river": 4, "year": 1, "length": 2, "owner": 4,
    }  # fmt: skip
    shares = [(400 + 310 + 410 + 420) / WHOLE, (450 + 200 + 345) / WHOLE, (30 + 360) / WHOLE, (285 + 255) / WHOLE]
    rows = table(tmp_path / "agent_key", "steps")
    assert [r["share_of_usd"] for r in rows] == pytest.approx(shares)
    assert [r["share_of_requests"] for r in rows] == [1, 0.75, 0.5, 0.5]
    assert rows[2]["models"] == ["mockllm/helper", "mockllm/model"]
    ledger = [r for r in table(tmp_path / "agent_key", "ledger") if r["unit"] == "requests"]
    assert {r["priced_as"]: r["per_request"] for r in ledger} == {"mockllm/model": 10 / 4, "mockllm/helper": 1 / 4}
    assert sum(r["usd_per_request"] for r in ledger) == pytest.approx(found["kappa_usd"]["value"])
    printed = capsys.readouterr().out
    assert "  bridges_key    2.75     4     .444     .287     .113     .156" in printed
    assert "Some steps of mockllm/model were made by mockllm/helper, at its own price." in printed


def test_without_the_helpers_price_no_dollars_are_made_up(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[models."mockllm/model"]\ninput = 2.0\noutput = 10.0\n')
    found = scored(tmp_path, "agent_key", "--quiet", "--prices", str(tmp_path / "own.toml"))
    assert found["kappa_usd"]["value"] is None
    assert "mockllm/helper" in found["kappa_usd"]["note"]
    assert [r["share_of_usd"] for r in table(tmp_path / "agent_key", "steps")] == [None] * 4


@pytest.mark.parametrize("labels", ["auto", "gold"])
def test_stopped_and_cut_off_trajectories_are_invalid_and_say_why(tmp_path: Path, labels: str) -> None:
    found = scored(tmp_path, "agent_cut", "--quiet", "--labels", labels)
    assert found["invalid"]["value"] == pytest.approx(2 / 3)
    rows = {r.sample_id: r for r in read_records(tmp_path / "agent_cut")}
    assert {i: r.outcome for i, r in rows.items()} == {
        "owner": Outcome.INVALID,
        "river": Outcome.INVALID,
        "year": Outcome.CORRECT,
    }
    reasons = {r["sample_id"]: r["finish_reason"] for r in table(tmp_path / "agent_cut", "answers")}
    assert reasons == {"owner": "message_limit", "river": "length", "year": "stop"}
    # they were paid for: 3 * (200 + 220) + (200 + 200) + (300 + 160) + (200 + 200) + (300 + 80)
    assert found["kappa_usd"]["value"] == pytest.approx(2900e-6 / 3)


def test_latency_is_the_working_time_of_the_solvers_without_grading(tmp_path: Path) -> None:
    def change(sample: dict[str, Any]) -> None:
        for event in sample["events"]:
            if event["event"] in ("span_begin", "span_end") and event["id"] == solvers(sample)["id"]:
                event["working_start"] = 1.0 if event["event"] == "span_begin" else 9.0
            if event["event"] == "model" and event["model"] == "mockllm/judge":
                event["working_time"] = 2.5  # two calls: one in the loop, one after it

    def solvers(sample: dict[str, Any]) -> Any:
        return next(e for e in sample["events"] if e.get("type") == "solvers")

    [answer] = read_answers(changed(tmp_path, "agent_tries", "river", change)).answers
    assert answer.latency_s == pytest.approx(9 - 1 - 2.5)


def test_tokens_that_no_call_of_the_transcript_explains_leave_the_cost_unknown(tmp_path: Path) -> None:
    def change(sample: dict[str, Any]) -> None:
        sample["model_usage"]["mockllm/model"]["output_tokens"] += 1

    recorded = read_answers(changed(tmp_path, "agent_key", "owner", change))
    assert (recorded.answers[0].steps, recorded.answers[0].usage) == ((), None)
    assert "1 samples were metered with more tokens than their transcript's calls have" in recorded.remarks[0]


def test_a_step_without_tokens_leaves_the_cost_unknown(tmp_path: Path) -> None:
    def change(sample: dict[str, Any]) -> None:
        next(e for e in sample["events"] if e["event"] == "model")["output"].pop("usage")

    assert read_answers(changed(tmp_path, "agent_key", "owner", change)).answers[0].steps == ()


def test_without_a_transcript_the_last_message_alone_is_delivered(tmp_path: Path) -> None:
    def change(sample: dict[str, Any]) -> None:
        sample["events"] = []

    [answer] = read_answers(changed(tmp_path, "agent_key", "owner", change)).answers
    assert (answer.usage.output_tokens, answer.delivered_tokens) == (76, 10)


def test_calls_that_failed_are_no_steps_and_cached_ones_are_said(tmp_path: Path) -> None:
    def change(sample: dict[str, Any]) -> None:
        first = next(e for e in sample["events"] if e["event"] == "model")
        failed = {**first, "output": {"model": "mockllm/model", "choices": []}, "error": "overloaded"}
        sample["events"].insert(sample["events"].index(first), failed)
        first["cache"] = "read"

    recorded = read_answers(changed(tmp_path, "agent_key", "owner", change))
    assert len(recorded.answers[0].steps) == 4
    assert recorded.remarks == ("1 model calls came from Inspect's cache: counted with the tokens that they once took",)


def test_older_logs_nest_events_and_mark_scorers_by_steps() -> None:
    def call(tokens: int) -> dict[str, Any]:
        message = {"message": {"role": "assistant", "content": "x"}}
        usage = {"input_tokens": 1, "output_tokens": tokens}
        return {"event": "model", "model": "m", "output": {"choices": [message], "usage": usage}}

    def step(action: str, kind: str) -> dict[str, Any]:
        return {"event": "step", "action": action, "type": kind, "name": kind}

    events = [step("begin", "solver"), call(1), {"event": "tool", "events": [call(2)]}, call(3), step("end", "solver")]
    events += [step("begin", "scorer"), call(4), step("end", "scorer")]
    found = trajectory_of("here", {"events": events, "model_usage": {"m": {"output_tokens": 10}}})
    assert found is not None
    assert [s["output_tokens"] for s in found.steps] == [1, 2, 3]
    assert (found.gradings, found.metered) == (1, True)


@pytest.mark.parametrize(
    "events", [7, [1], [{"event": "model", "output": 3}], [{"event": "model", "output": {"choices": ["x"]}}]]
)
def test_a_transcript_that_is_none_is_a_sentence(events: object) -> None:
    with pytest.raises(RecordedAnswerError, match="is needed"):
        trajectory_of("log, sample 1", {"events": events})


def test_the_agent_is_part_of_the_serving_condition(tmp_path: Path) -> None:
    scored(tmp_path, "agent_key", "--quiet")
    kept = json.loads((tmp_path / "agent_key" / "manifest.json").read_text())["serving"]
    assert kept["agent"].startswith("react(tools=look_up+as_tool), at most 20 messages [")
    assert {a.agent for a in read_answers(LOGS / "letters.eval").answers} == {"one call"}
    basic, cut = (next(iter(answers(name).values())).agent for name in ("agent_basic", "agent_cut"))
    assert len({kept["agent"], basic, cut}) == 3


def test_an_agent_is_named_by_its_solvers_settings_and_limits() -> None:
    from vcpd.evals.importers.inspect_agent import agent_of

    def log(*solvers: dict[str, Any], **limits: Any) -> dict[str, Any]:
        return {"plan": {"steps": list(solvers)}, "eval": {"config": limits}}

    plain = {"solver": "inspect_ai/generate", "params": {"max_retries": 2}}
    loop = {"solver": "mine/loop", "params": {"tools": [{"name": "mine/search"}], "tries": 3, "prompt": "p" * 99}}
    assert agent_of(log(plain)) == agent_of({"eval": {}}) == "one call"
    named = agent_of(log(plain, loop, token_limit=900, time_limit=30, cost_limit=0.5))
    assert named.startswith(
        "generate(max_retries=2) > loop(tools=search, tries=3), at most 900 tokens, 30 seconds, 0.5"
    )
    other = {**loop, "params": {**loop["params"], "prompt": "q" * 99}}
    assert agent_of(log(loop)) != agent_of(log(other))  # only the prompt differs


def test_t_of_single_calls_beside_an_agent_is_converted_and_shown_in_red(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from vcpd.scoring.estimate import Estimate
    from vcpd.scoring.serving import ServingCondition
    from vcpd.scoring.throughput import Throughput, throughput_json

    rate = Estimate(435.0, None, None, 0.95, 1, 1, "declared")
    measured = Throughput(
        model="mockllm/model",
        tool="test",
        measured_at="",
        condition=ServingCondition(batch="8 streams"),
        tokens_per_s=rate,
        raw_tokens_per_s=435.0,
        requests_per_s=1.0,
    )
    (tmp_path / "t.json").write_text(json.dumps(throughput_json(measured)))
    found = scored(tmp_path, "agent_key", "--quiet", "--throughput", str(tmp_path / "t.json"))
    # the model makes 59 + 11 + 28 + 76 = 174 tokens in 4 requests, 43.5 each: 10 requests/s, 26 / 4 tokens delivered
    assert found["t_tokens_per_s"]["value"] == pytest.approx(10 * 26 / 4)
    assert found["c_usd_per_s"]["value"] == pytest.approx(10 * 3465e-6 / 4)
    q, t, c = (found[name]["value"] for name in ("q_tokens", "t_tokens_per_s", "c_usd_per_s"))
    assert found["vcpd"]["value"] == pytest.approx(q * t / c)
    assert "Q and T are not of one serving condition: agent (Q with react(" in capsys.readouterr().err


def test_runs_of_an_agent_and_of_one_call_are_told_apart_by_the_frontier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(tmp_path, "agent_key", "--quiet")
    rows = []
    for sample_id, answer in answers("agent_key").items():
        row = to_row(answer) | {"agent": "one call", "usage": {"input_tokens": 100, "output_tokens": 9}}
        rows.append({k: v for k, v in row.items() if k not in ("steps", "delivered_tokens")} | {"sample_id": sample_id})
    (tmp_path / "plain.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    prices = ["--prices", str(tmp_path / "prices.toml")]
    assert run_cli(["score", str(tmp_path / "plain.jsonl"), *prices, "--out", str(tmp_path / "plain"), "--quiet"]) == 0
    capsys.readouterr()
    runs = [str(tmp_path / "agent_key"), str(tmp_path / "plain")]
    assert run_cli(["frontier", *runs, *prices, "--json"]) == 0
    [domain] = json.loads(capsys.readouterr().out)["domains"]
    [remark] = domain["remarks"]
    assert remark.startswith("not of one serving condition, the agent differs: mockllm/model (")
    assert "react(" in remark
    assert "one call" in remark


def test_steps_stand_in_recorded_answers_too() -> None:
    row = {"sample_id": "a", "model": "m", "domain": "d", "question": "q", "answer": "a"}
    steps = [{"input_tokens": 1, "output_tokens": 2}, {"model": "other", "input_tokens": 3, "output_tokens": 4}]
    read = answer_of(Fields("here", {**row, "steps": steps, "agent": "mine"}, {}))
    assert [(u.model, u.input_tokens, u.output_tokens) for u in read.steps] == [("m", 1, 2), ("other", 3, 4)]
    for wrong, said in (({"steps": [{"input_tokens": 1}]}, "output_tokens"), ({"steps": steps, "usage": {}}, "usage")):
        with pytest.raises(RecordedAnswerError, match=said):
            answer_of(Fields("here", {**row, **wrong}, {}))


@given(
    st.lists(
        st.tuples(st.sampled_from(["m", "other"]), st.integers(0, 9), st.integers(5, 9), st.integers(0, 5)), max_size=4
    )
)
def test_what_is_written_is_read_back(steps: list[tuple[str, int, int, int]]) -> None:
    names = ("model", "input_tokens", "output_tokens", "reasoning_tokens")
    row = {"sample_id": "a", "model": "m", "domain": "d", "question": "q", "answer": "a", "delivered_tokens": 3}
    read = answer_of(Fields("here", {**row, "steps": [dict(zip(names, s, strict=True)) for s in steps]}, {}))
    assert answer_of(Fields("here", to_row(read), {})) == read
