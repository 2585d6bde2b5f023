"""A folder indexed: whole, again, killed, with bad files."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile_files import docx, huge_text, pdf, zip_bomb
from policy_cases import WordEncoder
from vcpd.retrieval.index.layout import read_head
from vcpd.retrieval.index.store import IndexStore
from vcpd.retrieval.ingestion.indexing import index_folder
from vcpd.retrieval.ingestion.job import IndexingError, IndexReport, IndexSettings
from vcpd.retrieval.ingestion.parsed import Limits
from vcpd.retrieval.ingestion.parts import IndexBusyError, Parts
from vcpd.retrieval.sources import SourcePolicy

ALL = SourcePolicy()
SETTINGS = IndexSettings(jobs=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    (made / "law").mkdir(parents=True)
    (made / "law" / "notice.md").write_text("# Notice\n\nNotice is due in thirty days.\n")
    (made / "plain.txt").write_text("A plain text about tablets.")
    rows = [{"doc_id": f"r{i}", "text": f"Row {i} speaks of number{i}.", "source": "Rows"} for i in range(5)]
    (made / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return made


def found(out: Path, query: str, policy: SourcePolicy = ALL) -> list[str]:
    return [hit.passage.doc_id for hit in IndexStore(out).lexical().search(query, 5, policy).hits]


def reasons(report: IndexReport) -> dict[str, str]:
    return {problem.path: problem.reason for problem in report.problems}


def test_what_has_not_changed_is_taken_over(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    first = index_folder(folder, out, SETTINGS)
    assert (first.documents, first.read, first.kept) == (7, 7, 0)
    assert found(out, "thirty days") == ["law/notice.md"]
    again = index_folder(folder, out, SETTINGS)
    assert (again.documents, again.read, again.kept) == (7, 0, 7)
    (folder / "plain.txt").write_text("A plain text about syringes.")
    with (folder / "rows.jsonl").open("a") as file:
        file.write(json.dumps({"doc_id": "r9", "text": "A new row of syringes."}) + "\n")
    (folder / "law" / "notice.md").unlink()
    third = index_folder(folder, out, SETTINGS)
    assert (third.documents, third.read, third.kept) == (7, 2, 5)
    assert set(found(out, "syringes")) == {"plain.txt", "r9"}
    assert found(out, "thirty days tablets") == []
    assert len(list(out.glob("generation-*"))) == 1
    wider = index_folder(folder, out, IndexSettings(max_words=5, jobs=1))
    assert (wider.read, wider.kept) == (7, 0)


def test_vectors_are_made_once(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    assert index_folder(folder, out, SETTINGS, encoder=WordEncoder()).encoded == 7
    (folder / "more.txt").write_text("One more text.")
    assert index_folder(folder, out, SETTINGS, encoder=WordEncoder()).encoded == 1
    hits = IndexStore(out).dense(WordEncoder()).search("A plain text about tablets.", 1, ALL).hits
    assert [h.passage.doc_id for h in hits] == ["plain.txt"]


def test_metadata_and_duplicates(folder: Path, tmp_path: Path) -> None:
    (folder / "copy.txt").write_text("A plain   text\nabout tablets.")
    (folder / "law" / "copy.txt").write_text("A plain text about tablets.")
    (folder / "sources.toml").write_text(
        '[[files]]\nmatch = "law/*"\njurisdiction = "N.D. Cal."\nauthority = 3\ndate = 2020-01-01\n'
        '[[files]]\nmatch = "*.md"\nauthority = 5\n'
    )
    out = tmp_path / "index"
    report = index_folder(folder, out, SETTINGS)
    assert [str(d) for d in report.duplicates] == ["plain.txt: is the same as copy.txt"]  # law/copy.txt binds elsewhere
    notice = IndexStore(out).get("law/notice.md")
    assert notice is not None
    assert (notice.jurisdiction, notice.authority, notice.title) == ("N.D. Cal.", 5, "Notice")
    assert found(out, "tablets", SourcePolicy(jurisdictions=("9th Cir.",))) == ["law/copy.txt"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[files]]\nauthority = 3\n", "field match"),
        ('[[files]]\nmatch = "*"\nautority = 3\n', "field autority"),
        ('[[files]]\nmatch = "*"\nauthority = 9\n', "field authority"),
        ("x = [", "not valid TOML"),
        ('[[files]]\nmatch = "*"\nvalid_from = 2021-01-01\n[[files]]\nmatch = "*"\nvalid_to = 2020-01-01\n', "before"),
    ],
)
def test_wrong_metadata_is_named(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    (folder / "sources.toml").write_text(text)
    with pytest.raises(ValueError, match=message):
        index_folder(folder, tmp_path / "index", SETTINGS)


def test_bad_files_are_named_and_left_out(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    pytest.importorskip("docx")
    (tmp_path / "secret.txt").write_text("A secret about tablets outside the folder.")
    (folder / "locked.pdf").write_bytes(pdf(["Secret."], "x"))
    (folder / "good.pdf").write_bytes(pdf(["A page about injections."]))
    (folder / "broken.docx").write_bytes(docx([("x", "Normal")])[:-100])
    (folder / "bomb.docx").write_bytes(zip_bomb(30 * 2**20))
    huge_text(folder / "huge.txt")
    (folder / "latin.txt").write_bytes("caf\xe9 about tablets".encode("latin-1"))
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    (folder / "in.txt").symlink_to(folder / "plain.txt")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    os.mkfifo(folder / "pipe.txt")
    (folder / "tool.exe").write_bytes(b"MZ")
    (folder / "empty.txt").write_text(" \n")
    (folder / ".hidden.txt").write_text("hidden")
    with (folder / "rows.jsonl").open("ab") as file:
        file.write(b'{"doc_id": "r0", "text": "again"}\n{"text": 3}\nnot json\n{"doc_id": "x", "text": "caf\xe9"}\n')
    report = index_folder(folder, tmp_path / "index", IndexSettings(jobs=1, limits=Limits(line_bytes=2000)))
    assert reasons(report) == {
        "locked.pdf": "is encrypted: save it without a password",
        "broken.docx": reasons(report)["broken.docx"],
        "bomb.docx": "would unpack to 1 parts of 31,457,280 bytes: refused as a zip bomb",
        "huge.txt": "is 1,073,741,824 bytes, more than 67,108,864: split it, or raise --max-file-mb",
        "latin.txt": "not UTF-8 at byte 3: save the file as UTF-8",
        "out.txt": "is a link that leads outside the folder: refused",
        "up": "is a link that leads outside the folder: refused",
        "in.txt": "is a link and is not followed",
        "loop.txt": reasons(report)["loop.txt"],
        "pipe.txt": "is no plain file",
        "tool.exe": "is of no kind that is read (text, Markdown, HTML, PDF, DOCX, JSONL)",
        "empty.txt": "holds no word",
        "rows.jsonl:6": "doc_id 'r0' is already that of rows.jsonl:1",
        "rows.jsonl:7": "field doc_id: a string that is not empty expected; got nothing",
        "rows.jsonl:8": reasons(report)["rows.jsonl:8"],
        "rows.jsonl:9": "is not UTF-8: save the file as UTF-8",
    }
    assert "damaged or no Word file" in reasons(report)["broken.docx"]
    assert "not JSON" in reasons(report)["rows.jsonl:8"]
    assert found(tmp_path / "index", "injections") == ["good.pdf"]
    assert found(tmp_path / "index", "tablets") == ["plain.txt"]


def test_a_line_that_is_too_long_costs_itself(folder: Path, tmp_path: Path) -> None:
    long = json.dumps({"doc_id": "long", "text": "x " * 5000})
    good = json.dumps({"doc_id": "after", "text": "What follows."})
    (folder / "long.jsonl").write_text(f"{long}\n{good}\n")
    report = index_folder(folder, tmp_path / "index", IndexSettings(jobs=1, limits=Limits(line_bytes=2000)))
    assert reasons(report) == {"long.jsonl:1": "is longer than 2,000 bytes"}
    assert found(tmp_path / "index", "follows") == ["after"]


def test_a_file_that_hangs_or_eats_memory_costs_itself(folder: Path, tmp_path: Path) -> None:
    (folder / "slow.html").write_text("<p>" + "word " * 3_000_000)
    report = index_folder(folder, tmp_path / "index", IndexSettings(jobs=1, limits=Limits(seconds=1.5)))
    assert reasons(report) == {"slow.html": "takes more than 1.5 s to read"}
    tight = Limits(memory_bytes=100 * 2**20)
    report = index_folder(folder, tmp_path / "index", IndexSettings(jobs=1, limits=tight))
    assert list(reasons(report)) == ["slow.html"]
    assert "memory" in reasons(report)["slow.html"]
    assert report.documents == 7


def test_nothing_to_index(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexingError, match="holds no file that is read"):
        index_folder(tmp_path / "empty", tmp_path / "index", SETTINGS)
    with pytest.raises(IndexingError, match="is no folder"):
        index_folder(tmp_path / "nowhere", tmp_path / "index", SETTINGS)
    (tmp_path / "empty" / "a.txt").write_text("Text.")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("Mine.")
    with pytest.raises(IndexingError, match="holds something that is no index"):
        index_folder(tmp_path / "empty", tmp_path / "mine", SETTINGS)
    with pytest.raises(IndexingError, match="is the folder that is to be indexed"):
        index_folder(tmp_path / "empty", tmp_path / "empty", SETTINGS)


def test_an_index_inside_its_folder_is_not_indexed(folder: Path) -> None:
    out = folder / "index"
    assert index_folder(folder, out, SETTINGS).documents == 7
    assert index_folder(folder, out, SETTINGS).documents == 7


def test_two_writers_do_not_meet(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    index_folder(folder, out, SETTINGS)
    with Parts(out, SETTINGS.version), pytest.raises(IndexBusyError, match="another process is writing"):
        index_folder(folder, out, SETTINGS)


KILLED = """
import os, signal, sys
from pathlib import Path
from vcpd.retrieval.ingestion.indexing import index_folder
from vcpd.retrieval.ingestion.job import IndexSettings
stage_to_die = sys.argv[3]
def on_progress(stage, done, total):
    if stage == stage_to_die and done >= int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
index_folder(Path(sys.argv[1]), Path(sys.argv[2]), IndexSettings(jobs=1), on_progress=on_progress)
"""


@pytest.mark.parametrize(("stage", "done"), [("reading", 1), ("writing", 500), ("scoring", 0)])
def test_a_killed_indexing_goes_on_and_nothing_half_done_is_used(tmp_path: Path, stage: str, done: int) -> None:
    source, out = tmp_path / "source", tmp_path / "index"
    source.mkdir()
    (source / "old.txt").write_text("The old state of things.")
    index_folder(source, out, SETTINGS)
    for part in range(3):
        rows = (json.dumps({"doc_id": f"{part}-{i}", "text": f"New row {part} {i}."}) for i in range(600))
        (source / f"p{part}.jsonl").write_text("\n".join(rows))
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(source), str(out), stage, str(done)], timeout=120, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert IndexStore(out).head["documents"] == 1
    assert found(out, "old new row") == ["old.txt"]
    report = index_folder(source, out, SETTINGS)
    assert report.documents == 1801
    assert report.kept >= (1801 if stage != "reading" else 1)
    assert report.read + report.kept == 1801
    assert [path.name for path in out.glob("generation-*")] == [read_head(out)["generation"]]


def test_a_kill_in_the_middle_of_reading_loses_no_finished_batch(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "index"
    source.mkdir()
    rows = (json.dumps({"doc_id": f"{i}", "text": f"Row {i} of many words. " * 50}) for i in range(4000))
    (source / "rows.jsonl").write_text("\n".join(rows))
    command = [sys.executable, "-c", KILLED, str(source), str(out), "never", "0"]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if (out / "parts.sqlite3-wal").exists() and (out / "parts.sqlite3-wal").stat().st_size > 2_000_000:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()
    file = sqlite3.connect(out / "parts.sqlite3")
    (kept,) = file.execute("SELECT count(*) FROM units").fetchone()
    file.close()
    assert kept > 0
    report = index_folder(source, out, SETTINGS)
    assert (report.documents, report.kept) == (4000, kept)
