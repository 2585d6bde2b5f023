import hashlib
import json
import pickle
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from vcpd.retrieval.corpus import Corpus, CorpusError
from vcpd.retrieval.corpus_files import load_corpus
from vcpd.retrieval.passages import Document

ROW = {
    "doc_id": "a-1",
    "title": "T",
    "source": "S",
    "date": "2020-02-29",
    "jurisdiction": "US-CA",
    "authority": 4,
    "url": "https://example.org",
    "text": "Some text.",
}


def written(tmp_path: Path, *rows: Any) -> Path:
    path = tmp_path / "corpus.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_all_fields_are_read(tmp_path: Path) -> None:
    corpus = load_corpus(written(tmp_path, ROW, "", {"doc_id": "b", "text": "x\ud800\u2028y", "date": None}))
    assert len(corpus) == 2
    sha = hashlib.sha256(b"Some text.").hexdigest()
    assert corpus.get("a-1") == Document(
        "a-1", "Some text.", "T", "S", date(2020, 2, 29), "US-CA", 4, "https://example.org", sha
    )
    second = corpus.get("b")
    assert second is not None
    assert (second.date, second.authority, second.title) == (None, 0, "")
    assert second.text == "x\ud800\u2028y"
    assert "b" in corpus
    assert corpus.get("c") is None
    assert [document.doc_id for document in corpus] == ["a-1", "b"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": None}, "text"),
        ({"text": " "}, "text"),
        ({"text": 3}, "text"),
        ({"doc_id": ""}, "doc_id"),
        ({"doc_id": ["a"]}, "doc_id"),
        ({"date": "2021-02-29"}, "date"),
        ({"date": "20210228"}, "date"),
        ({"date": 2021}, "date"),
        ({"date": "٢٠٢١-٠٢-٠٢"}, "date"),
        ({"authority": 6}, "authority"),
        ({"authority": -1}, "authority"),
        ({"authority": True}, "authority"),
        ({"authority": "3"}, "authority"),
        ({"authority": 3.0}, "authority"),
        ({"title": 1}, "title"),
        ({"source": ["S"]}, "source"),
        ({"jurisdiction": {}}, "jurisdiction"),
        ({"url": False}, "url"),
    ],
)
def test_a_bad_field_is_named_with_file_and_line(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    path = written(tmp_path, {**ROW, "doc_id": "other"}, {**ROW, **change})
    with pytest.raises(CorpusError) as caught:
        load_corpus(path)
    assert f"{path}:2: field {field}:" in str(caught.value)


def test_a_repeated_id_names_both_lines(tmp_path: Path) -> None:
    path = written(tmp_path, ROW, {"doc_id": "b", "text": "x"}, ROW)
    with pytest.raises(CorpusError, match=r":3: field doc_id: 'a-1' was already used in line 1"):
        load_corpus(path)


@pytest.mark.parametrize("line", ["{", "[1]", '"x"', "[" * 100_000])
def test_a_line_that_is_no_object(tmp_path: Path, line: str) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.jsonl:2: not "):
        load_corpus(written(tmp_path, ROW, line))


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        load_corpus(tmp_path / "none.jsonl")
    with pytest.raises(CorpusError, match=r"no corpus\.jsonl and no"):
        load_corpus(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(CorpusError, match="not UTF-8 at byte 3"):
        load_corpus(tmp_path)


def test_a_folder_of_text_files(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_bytes(b"\xef\xbb\xbf# B\r\ntext")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_bytes("é".encode())
    (tmp_path / "c.pdf").write_bytes(b"%")
    corpus = load_corpus(tmp_path)
    assert {d.doc_id: d.text for d in corpus} == {"b": "# B\r\ntext", "a": "é"}
    assert load_corpus(tmp_path / "b.md").documents == (corpus.get("b"),)
    (tmp_path / "a.md").write_text("x")
    with pytest.raises(CorpusError, match="rename one of them"):
        load_corpus(tmp_path)
    written(tmp_path, ROW)
    assert [d.doc_id for d in load_corpus(tmp_path)] == ["a-1"]


def test_an_id_may_be_used_once() -> None:
    with pytest.raises(CorpusError, match="'x' is used twice"):
        Corpus((Document("x", "1"), Document("x", "2")))


def test_the_hash_is_of_everything_but_the_order() -> None:
    a = Document("a", "x\ud800", "t", "s", date(2020, 1, 1), "US", 3, "u")
    b = Document("b", "y")
    corpus = Corpus((a, b))
    assert corpus.sha256 == Corpus((b, a)).sha256
    assert len(corpus.sha256) == 64
    changes: list[dict[str, Any]] = [{"doc_id": "c"}, {"text": "z"}, {"title": ""}, {"source": ""}, {"date": None}]
    changes += [{"jurisdiction": ""}, {"authority": 2}, {"url": ""}]
    hashes = {Corpus((replace(a, **change), b)).sha256 for change in changes} | {corpus.sha256, Corpus((a,)).sha256}
    assert len(hashes) == len(changes) + 2


def test_a_corpus_travels_between_processes() -> None:
    corpus = Corpus((Document("a", "x"),))
    assert pickle.loads(pickle.dumps(corpus)) == corpus
    assert pickle.loads(pickle.dumps(corpus)).get("a") == corpus.get("a")
    assert hash(corpus) == hash(Corpus((Document("a", "x"),)))
