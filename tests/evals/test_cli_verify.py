"""`vcpd verify` and `vcpd verify bench` as a user meets them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from vcpd.evals import verifier_names
from vcpd.evals.answer_check_view import claim_lines, marked_answer, print_check
from vcpd.evals.cli import run_cli
from vcpd.evals.verifier_names import verifier_of
from vcpd.evals.verify_answer import verify_answer
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.estimate import from_json
from vcpd.scoring.measures import VERIFIER_MEASURES
from vcpd.verifiers.authorities import AuthorityIndex
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.named import VerifierNameError

GOOD, BAD = "The lease runs for five years", "The tenant pays 3,000 dollars"
ANSWER = f"{GOOD} [1]. {BAD} [1]. It may be ended with 90 days notice [9]."


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a.txt").write_text("The lease runs for five years. The tenant pays 2,000 dollars a month.")
    (folder / "b.md").write_text("Either party may end the lease with 90 days notice.")
    return folder


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    path = tmp_path / "answer.txt"
    path.write_text(ANSWER)
    return path


def checked(sources: Path, text: str = ANSWER) -> dict[str, Any]:
    from vcpd.evals.answer_check_json import check_json

    return check_json(verify_answer(text, sources, SourcePolicy(), LexicalVerifier()))


def test_findings_as_json(answer: Path, sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["verify", str(answer), "--sources", str(sources), "--json", "--verifier", "lexical"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == checked(sources)
    assert found["accept"] is False
    first, second, third = found["claims"]
    assert (first["label"], second["label"]) == ("supported", "refuted")
    assert ANSWER[slice(*second["unsupported"][0])] == "3,000 dollars"
    evidence = second["evidence"][0]
    text = (sources / "a.txt").read_text()
    assert evidence["text"] == text[slice(*evidence["span"])] == "The tenant pays 2,000 dollars a month."
    assert [c["finding"] for c in third["citations"]] == ["fabricated"]
    assert [s["doc_id"] for s in found["sources"]] == ["a", "b"]


def test_the_terminal_shows_places_and_evidence(
    answer: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["verify", "--sources", str(sources), str(answer), "--verifier", "lexical"]) == 0
    shown = capsys.readouterr().out
    assert "1. SUPPORTED" in shown
    assert "2. REFUTED" in shown
    assert "[1] a [31:69]: The tenant pays 2,000 dollars a month." in shown
    assert "citation [9]: fabricated" in shown
    assert "not accepted (verifier lexical 2; 2 of 3 claims supported)" in shown


def test_standard_input(sources: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{GOOD}.".encode())))
    assert run_cli(["verify", "-", "--sources", str(sources), "--json", "--verifier", "lexical"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accept"] is True  # cites nothing, and was not asked to


def test_a_source_policy_forbids_sources(answer: Path, sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["verify", str(answer), "--sources", str(sources), "--json", "--verifier", "lexical"]
    assert run_cli([*line, "--source-policy", "legal"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {c["finding"] for claim in found["claims"] for c in claim["citations"]} <= {
        "out_of_scope",
        "post_cutoff",
        "fabricated",
    }
    assert not any(claim["label"] == "supported" for claim in found["claims"])


HOSTILE = "[bold red]The lease[/bold red]\x1b[2J [link=x]\u202e\x07.\r\n\t[/nope] The lease runs for five years."


def test_hostile_text_reaches_the_terminal_as_text(sources: Path) -> None:
    (sources / "a.txt").write_text("[/red]The lease runs\x1b[31m for five years")
    found = verify_answer(HOSTILE, sources, SourcePolicy(), LexicalVerifier())
    shown = marked_answer(found)
    assert len(shown.plain) == len(HOSTILE)  # every mark stands where it stood
    assert "[bold red]The lease[/bold red]" in shown.plain
    out = io.StringIO()
    print_check(found, Console(file=out, force_terminal=False, width=200))
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(out.getvalue())
    assert "[/red]The lease runs?[31m for five years" in out.getvalue()


def test_a_megabyte_and_nothing_at_all(sources: Path, tmp_path: Path) -> None:
    found = verify_answer("a" * 1_000_000, sources, SourcePolicy(), LexicalVerifier())
    assert len(marked_answer(found).plain) < 21_000
    assert sum(len(line.plain) for line in claim_lines(found)) < 5_000
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    assert run_cli(["verify", str(empty), "--sources", str(sources)]) == 64


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["none.txt", "--sources", "S"], "none.txt: cannot be read"),
        (["A", "--sources", "nowhere"], "nowhere: cannot be read"),
        (["A"], "--sources"),
        (["A", "--sources", "S", "--verifier", "best"], "unknown verifier 'best'"),
        (["A", "--sources", "S", "--source-policy", "nopack"], "nopack"),
        (["bench", "none.jsonl"], "none.jsonl: there is no such file"),
        (["bench", "A", "--folds", "2"], "2 is not in the range"),
    ],
)
def test_bad_input_is_64(
    line: list[str], message: str, answer: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"A": str(answer), "S": str(sources)}
    assert run_cli(["verify", *(places.get(part, part) for part in line)]) == 64
    assert message in capsys.readouterr().err


def test_text_that_is_not_utf_8(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9")
    assert run_cli(["verify", str(path), "--sources", str(sources)]) == 64
    assert "not UTF-8 at byte 3" in capsys.readouterr().err


# ---- bench


def labelled_file(path: Path, n: int = 24) -> Path:
    rows: list[dict[str, Any]] = []
    for i in range(n):
        wrong = i % 3 == 0
        text = f"The fee of contract {i} is {900 + i if wrong else 100 + i} dollars. It was signed in Boston."
        marks = [{"span": [0, text.index(".") + 1]}] if wrong else []
        source = f"Contract {i} was signed in Boston. The fee of contract {i} is {100 + i} dollars."
        row: dict[str, Any] = {"sample_id": f"ragtruth-{i}", "cluster_id": f"c{i // 2}", "model": "m"}
        row |= {"domain": "legal", "question": "?", "answer": text, "human": {"unsupported": marks}}
        rows.append(row | {"sources": [{"doc_id": "1", "text": source}]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def bench(capsys: pytest.CaptureFixture[str], *line: str) -> dict[str, Any]:
    assert run_cli(["verify", "bench", *line, "--json", "--verifier", "lexical"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("options", [[], ["--cross-validate", "--folds", "3"]])
def test_every_measure_in_the_form_of_estimates_json(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = bench(capsys, str(labelled_file(tmp_path / "x.jsonl")), *options)
    rows = from_json(found)
    assert [row.measure for row in rows] == list(VERIFIER_MEASURES)
    assert {(row.run, row.model, row.domain) for row in rows} == {("x.jsonl", "lexical", "ragtruth")}
    value = {row.measure: row.estimate.value for row in rows if row.estimate}
    assert value["response_f1"] == value["claim_auroc"] == 1  # the wrong fees are in no source
    assert value["span_f1"] > (0.9 if options else 0.4)  # its own marks are the numbers; folds choose whole claims
    assert ("3 folds over 12 clusters" in found["verifier"]["how"]) == bool(options)
    assert 1 <= len(found["thresholds"]) <= (3 if options else 1)  # folds may agree
    assert (found["thresholds"][0]["claim_f1"] is None) == (not options)
    assert {f["measure"] for f in found["published"]} >= {"response_f1", "span_f1"}


def test_the_table_names_the_verifier_and_stands_beside_published_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["verify", "bench", str(labelled_file(tmp_path / "x.jsonl")), "--verifier", "lexical"]) == 0
    shown = capsys.readouterr().out
    assert "Verifier lexical 2 on x.jsonl" in shown
    assert ".702 LettuceDetect-large 395M" in shown
    assert "arXiv:2502.17125" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_estimates_are_written_into_an_empty_folder_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = str(labelled_file(tmp_path / "x.jsonl")), tmp_path / "out"
    found = bench(capsys, file, "--out", str(out))
    assert json.loads((out / "estimates.json").read_text()) == found
    assert run_cli(["verify", "bench", file, "--out", str(out), "--verifier", "lexical"]) == 64
    assert "already" in capsys.readouterr().err


def test_what_was_left_out_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = labelled_file(tmp_path / "x.jsonl")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    del rows[0]["sources"][0]["text"]
    del rows[1]["human"]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["verify", "bench", str(file), "--quiet", "--verifier", "lexical"]) == 0
    captured = capsys.readouterr()
    assert "1 labelled answers not checkable (a source has no text), left out" in captured.err
    assert "1 answers without a human label" in captured.err
    assert captured.out == ""


def test_too_few_clusters_and_contradictory_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(labelled_file(tmp_path / "x.jsonl", 6))
    assert run_cli(["verify", "bench", file, "--cross-validate", "--verifier", "lexical"]) == 64
    assert "5 folds need as many clusters; there are 3" in capsys.readouterr().err
    assert run_cli(["verify", "bench", file, "--train-on", file, "--verifier", "lexical"]) == 64
    assert "needs --cross-validate" in capsys.readouterr().err


# ---- names


def test_a_verifier_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_verifier_for_test.py").write_text(
        "class Own:\n    name = 'own'\n    version = '2'\n    def verify(self, pairs):\n        return []\n"
        "class Not:\n    pass\n"
    )
    monkeypatch.chdir(tmp_path)
    assert verifier_of("own_verifier_for_test:Own").name == "own"
    for name, message in (
        ("own_verifier_for_test:Nothing", "cannot be loaded"),
        ("no_such_module_here:Own", "cannot be loaded"),
        ("own_verifier_for_test:Not", "it has no name and no version and no verify"),
    ):
        with pytest.raises(VerifierNameError, match=message):
            verifier_of(name)


def test_a_neural_verifier_is_found_by_the_one_table_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(verifier_names, "verifier_named", lambda name: asked.append(name) or LexicalVerifier())
    assert verifier_of("cross-encoder:some/model").name == "lexical"
    assert asked == ["cross-encoder:some/model"]
    monkeypatch.undo()
    with pytest.raises(VerifierNameError, match="MODEL is a name or a folder"):
        verifier_of("spans:")


def test_the_extra_is_named_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, answer: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verifier_names, "find_spec", lambda _: None)
    with pytest.raises(VerifierNameError, match="extra neural"):
        verifier_of("embedded")
    assert verifier_of("default").name == "lexical"
    assert run_cli(["verify", str(answer), "--sources", str(sources), "--json"]) == 0
    assert "the lexical verifier judges: the extra neural" in capsys.readouterr().err


def test_the_default_does_without_weights_and_embedded_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_weights() -> Any:
        raise RuntimeError("no weights")

    monkeypatch.setattr(verifier_names, "find_spec", lambda _: True)
    monkeypatch.setattr(verifier_names, "_embedded", no_weights)
    assert verifier_of("default").name == "lexical"
    with pytest.raises(RuntimeError, match="no weights"):
        verifier_of("embedded")


def test_verdicts_are_kept_between_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("The act was passed in 1937 [1].")
    (tmp_path / "guide.txt").write_text("The act was passed in 1937.")
    (tmp_path / "counting.py").write_text(
        "from vcpd.verifiers.lexical import LexicalVerifier\n"
        "class Counting:\n"
        "    name, version = 'counting', '1'\n"
        "    def verify(self, pairs):\n"
        "        with open('asked', 'a') as file:\n"
        "            file.write('x' * len(pairs))\n"
        "        return LexicalVerifier().verify(pairs)\n"
    )
    command = ["verify", "a.txt", "--sources", "guide.txt", "--verifier", "counting:Counting", "--cache", "kept"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert run_cli([*command, "--json"]) == 0
        first = capsys.readouterr().out
        asked = (tmp_path / "asked").read_text()
        assert run_cli([*command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["claims"] == json.loads(first)["claims"]
        assert (tmp_path / "asked").read_text() == asked


def test_a_list_of_decisions_tells_invented_ones_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("It was struck down, Alpha v. Beta, 10 U.S. 20 (1810); 10 U.S. 900 (1810) [1].")
    (tmp_path / "guide.txt").write_text("The court struck it down.")
    known = tmp_path / "known.jsonl"
    known.write_text(
        '{"citation": "10 U.S. 20", "name": "Alpha v. Beta", "date": "1810-03-01"}\n'
        '{"complete": {"reporter": "U.S.", "first_volume": 1, "last_volume": 600}}\n'
    )
    command = ["verify", str(tmp_path / "a.txt"), "--sources", str(tmp_path / "guide.txt"), "--verifier", "lexical"]
    assert run_cli([*command, "--json", "--authorities", str(known)]) == 0
    claims = json.loads(capsys.readouterr().out)["claims"]
    found = {c["marker"]: c["finding"] for claim in claims for c in claim["citations"]}
    assert found["10 U.S. 900"] == "fabricated"
    assert found["10 U.S. 20"] != "fabricated"
    known.write_text("{")
    assert run_cli([*command, "--authorities", str(known)]) == 64
    assert "known.jsonl, line 1" in capsys.readouterr().err


def test_fabricated_is_explained_and_colours_only_where_there_are_some(sources: Path) -> None:
    def shown(index: AuthorityIndex | None, colours: bool) -> str:
        out = io.StringIO()
        done = verify_answer("It is settled, 347 U.S. 483.", sources, SourcePolicy(), LexicalVerifier(), index)
        system = "standard" if colours else None
        print_check(done, Console(file=out, width=100, force_terminal=colours, color_system=system))
        return out.getvalue()

    assert "points to none of the sources; a decision may exist all the same: --authorities" in shown(None, False)
    assert "may exist all the same" not in shown(AuthorityIndex(closed=True), False)
    assert "bad quotation" not in shown(None, False)
    assert "bad quotation" in shown(None, True)
