"""The audit trail: chained, append-only, whole after a crash, and checked."""

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_cases import answer_row, events, scored_run
from vcpd.evals.cli import run_cli
from vcpd.evals.review.trail import GENESIS, NAME, Trail, TrailError, canonical, digest


def test_each_line_holds_the_hash_of_the_line_before(tmp_path: Path) -> None:
    trail = Trail(tmp_path)
    for n in range(3):
        trail.append({"kind": "label", "n": n, "note": "\ud800 \u202e ümlaut"})
    lines = [json.loads(line) for line in (tmp_path / NAME).read_text().splitlines()]
    assert [e["prev"] for e in lines] == [GENESIS, lines[0]["hash"], lines[1]["hash"]]
    for line in lines:
        said = line.pop("hash")
        assert said == digest(line)
    assert Trail(tmp_path).refresh() == trail.events
    assert trail.head == trail.events[-1]["hash"]


def changed(lines: list[bytes], how: str) -> list[bytes]:
    if how == "edited":
        return [lines[0], lines[1].replace(b'"n":1', b'"n":7'), *lines[2:]]
    if how == "rehashed":  # edited by someone who also writes a fitting hash: the next line tells
        event = json.loads(lines[1])
        event["n"] = 7
        del event["hash"]
        return [lines[0], canonical(event | {"hash": digest(event)}), *lines[2:]]
    return {
        "taken out": [lines[0], *lines[2:]],
        "swapped": [lines[0], lines[2], lines[1], lines[3]],
        "doubled": [lines[0], lines[0], *lines[1:]],
        "no JSON": [lines[0], b"{", *lines[2:]],
        "first taken out": lines[1:],
    }[how]


@pytest.mark.parametrize("how", ["edited", "rehashed", "taken out", "swapped", "doubled", "no JSON", "first taken out"])
def test_what_was_changed_is_found(tmp_path: Path, how: str) -> None:
    trail = Trail(tmp_path)
    for n in range(4):
        trail.append({"kind": "label", "n": n})
    path = tmp_path / NAME
    path.write_bytes(b"".join(line + b"\n" for line in changed(path.read_bytes().splitlines(), how)))
    with pytest.raises(TrailError, match=r"labels\.jsonl, line [123]"):
        Trail(tmp_path).refresh()


def test_a_torn_last_line_is_cut_off_and_the_chain_goes_on(tmp_path: Path) -> None:
    Trail(tmp_path).append({"kind": "label", "n": 0})
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"kind":"label","n":1,"pre')
    trail = Trail(tmp_path)
    assert [e["n"] for e in trail.refresh()] == [0]
    trail.append({"kind": "label", "n": 2})
    assert [e["n"] for e in Trail(tmp_path).refresh()] == [0, 2]


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    """Ten threads with a trail each, as processes have."""

    def write(who: int) -> None:
        trail = Trail(tmp_path)
        for n in range(10):
            trail.append({"kind": "label", "who": who, "n": n})

    threads = [threading.Thread(target=write, args=(who,)) for who in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Trail(tmp_path).refresh()
    assert [e["seq"] for e in found] == list(range(100))
    assert sorted((e["who"], e["n"]) for e in found) == [(who, n) for who in range(10) for n in range(10)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_the_canonical_form_is_read_back_and_stable(data: object) -> None:
    assert canonical(json.loads(canonical(data))) == canonical(data)


def test_a_tail_cut_off_is_told_by_the_head_that_the_scored_run_keeps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(6)])
    labels = tmp_path / "labels.csv"
    assert run_cli(["review", str(run), "--labels", "6", "--export", str(labels)]) == 0
    labels.write_text(labels.read_text().replace(",,,,,,", ",Ann,correct,,,,3"))
    assert run_cli(["review", str(run), "--import", str(labels)]) == 0
    assert len(events(run, "label")) == 6
    assert run_cli(["score", str(run), "--quiet"]) == 0
    assert run_cli(["review", str(run), "--verify"]) == 0
    assert "the trail is whole" in capsys.readouterr().out
    path = run / NAME
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert run_cli(["review", str(run), "--verify"]) == 1
    assert "it was cut off" in capsys.readouterr().err


def test_an_answer_changed_after_it_was_labelled_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from vcpd.evals.review.answers import read_texts
    from vcpd.evals.review.desk import Desk
    from vcpd.evals.review.plan import last_plan
    from vcpd.evals.saved_runs import open_run

    run = scored_run(tmp_path, [answer_row(n) for n in range(6)])
    assert run_cli(["review", str(run), "--labels", "6", "--export", str(tmp_path / "x.csv")]) == 0
    trail = Trail(run)
    plan = last_plan(trail.refresh())
    assert plan is not None
    desk = Desk(open_run(run), trail, plan, read_texts(run, [p.key for p in plan.items]))
    item = desk.next_item("Ann")
    assert item is not None
    shown = desk.hand_out(item, "Ann", "reviewer")["shown"]
    desk.save("label", {"item": item, "reviewer": "Ann", "outcome": "correct", "shown": shown, "seconds": 1})
    assert run_cli(["review", str(run), "--verify"]) == 0
    rewrite_answers(run)
    assert run_cli(["review", str(run), "--verify"]) == 1
    assert "what Ann was shown is not what the run folder holds now" in capsys.readouterr().err


def test_labels_of_another_version_are_counted_not_accused(tmp_path: Path) -> None:
    from vcpd.evals.review.audit import audit

    trail = Trail(tmp_path)
    label = {"kind": "label", "item": "i", "reviewer": "Ann", "outcome": "correct", "via": "page", "shown": "a" * 64}
    trail.append(label | {"vcpd": "0.0.0"})
    found = audit(tmp_path, {}, lambda item, blind_to: "b" * 64)
    assert (found.uncompared, found.problems, found.people) == (1, (), {"Ann": 1})


def rewrite_answers(run: Path) -> None:
    import pyarrow.parquet as pq
    from vcpd.evals.run_folder import answer_schema, write_table

    rows = pq.read_table(run / "answers.parquet").to_pylist()
    write_table(run / "answers.parquet", [row | {"text": row["text"] + " Really."} for row in rows], answer_schema())
