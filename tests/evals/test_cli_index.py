import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import EXIT_USAGE, run_cli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    made.mkdir()
    (made / "notice.html").write_text("<h1>Notice</h1><p>Notice is due in thirty days.</p>")
    (made / "post.txt").write_text("A post says that notice is due never.")
    (made / "bad.txt").write_bytes(b"caf\xe9")
    (made / "sources.toml").write_text('[[files]]\nmatch = "*.html"\njurisdiction = "9th Cir."\ndate = 2020-01-01\n')
    return made


def answered(capsys: Any, *arguments: str) -> tuple[int, str, str]:
    code = run_cli(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_index_and_search(folder: Path, capsys: Any) -> None:
    code, out, err = answered(capsys, "index", str(folder))
    assert code == 0
    assert "2 documents, 2 passages" in out
    assert "bad.txt: not UTF-8 at byte 3" in err
    index = str(folder.with_name("source.index"))
    code, out, err = answered(capsys, "search", index, "notice days", "--jurisdiction", "US", "--as-of", "2021-01-01")
    assert code == 0
    assert "1. notice.html (character 4, 0)" in out
    assert "post" not in out
    assert "blocked by jurisdiction: post.txt" in err
    code, out, _ = answered(capsys, "search", index, "notice days", "--json", "-k", "1")
    [hit] = json.loads(out)["hits"]
    assert (hit["doc_id"], hit["start"], hit["place"]) == ("notice.html", 0, "character 4")
    assert "none holds a word of the query" in answered(capsys, "search", index, "zebra")[2]
    assert "the source policy forbids each" in answered(capsys, "search", index, "notice", "--as-of", "1700-01-01")[2]


def test_a_second_indexing_says_what_it_took_over(folder: Path, tmp_path: Path, capsys: Any) -> None:
    out = str(tmp_path / "index")
    assert json.loads(answered(capsys, "index", str(folder), "--out", out, "--json")[1])["read"] == 2
    again = json.loads(answered(capsys, "index", str(folder), "--out", out, "--json")[1])
    assert (again["read"], again["kept"], again["documents"]) == (0, 2, 2)
    assert [problem["path"] for problem in again["problems"]] == ["bad.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["index", "nowhere"], "nowhere is no folder"),
        (["search", "nowhere", "x"], "holds no finished index"),
        (["search", "nowhere", "x", "-k", "0"], "0 is not in the range"),
        (["search", "nowhere", "x", "--as-of", "soon"], "does not match"),
    ],
)
def test_usage_errors(arguments: list[str], message: str, capsys: Any, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = answered(capsys, *arguments)
    assert code == EXIT_USAGE
    assert message in err


def test_an_index_without_vectors_says_how_to_get_them(folder: Path, tmp_path: Path, capsys: Any) -> None:
    pytest.importorskip("sentence_transformers")
    answered(capsys, "index", str(folder), "--out", str(tmp_path / "index"))
    code, _, err = answered(capsys, "search", str(tmp_path / "index"), "x", "--retrieval", "dense")
    assert code in (EXIT_USAGE, 69)
    assert "--dense" in err or "install" in err


def test_hostile_text_does_not_reach_the_terminal(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.txt").write_text("Notice \x1b[2J\x07 of danger.")
    answered(capsys, "index", str(tmp_path / "s"), "--out", str(tmp_path / "i"))
    _, out, _ = answered(capsys, "search", str(tmp_path / "i"), "notice danger")
    assert "\x1b" not in out
    assert "\x07" not in out
