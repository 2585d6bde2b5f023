"""`vcpd run --system` with functions and with a server on loopback: failures are endings or errors, never numbers."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow.parquet as pq
import pytest
from vcpd.evals.cli import EXIT_UNREACHABLE, EXIT_USAGE, run_cli
from vcpd.evals.pack_by_name import load_pack

LEGAL = load_pack("legal")
FIRST = {s.question: s for s in LEGAL.samples[:8]}


class Server(ThreadingHTTPServer):
    """Answers by `script(question, number of the call)`: (status, headers, body)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = lambda question, call: (200, {}, {"answer": "I don't know."})
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        """A client that hung up is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append((self.path, request, self.headers.get("authorization")))
        question = request.get("question") or request["messages"][0]["content"]
        status, headers, body = self.server.script(question, len(self.server.seen))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def run(capsys, system, *options, code=0, limit=8):
    arguments = ["run", "--system", system, "--domain", "legal", "--limit", str(limit), "--out", "run", "--json"]
    found = run_cli([*arguments, *options])
    out, err = capsys.readouterr()
    assert found == code, err
    return ({row["measure"]: row for row in json.loads(out)["estimates"]} if code == 0 else {}), err


def rows(here, name):
    return pq.read_table(here / "run" / f"{name}.parquet").to_pylist()


def canned(question):
    """The right answer, cited, from the pack's own evidence; what cannot be answered is abstained from."""
    sample = FIRST[question]
    if not sample.answerable:
        return {"answer": "I don't know."}
    evidence = sample.evidence[0]
    document = LEGAL.corpus.get(evidence.doc_id)
    source = {"doc_id": document.doc_id, "text": document.text}
    return {"answer": f"{sample.targets[0]} [1].", "sources": [source]}


def test_an_application_over_http_is_measured_like_a_model(here, server, capsys):
    usage = {"input_tokens": 500, "output_tokens": 30}
    server.script = lambda question, _: (200, {}, canned(question) | {"usage": usage})
    measured, _ = run(capsys, f"{server.url}/ask", "--system-name", "our-rag", "--system-model", "openai/gpt-4.1")
    answerable = sum(s.answerable for s in FIRST.values())
    assert measured["correct"]["value"] == pytest.approx(answerable / 8)
    assert measured["p"]["value"] == 0
    assert measured["abstained"]["value"] == pytest.approx(1 - answerable / 8)
    assert measured["vcpd"]["value"] is not None
    assert {r["model"] for r in rows(here, "records")} == {"our-rag"}
    assert {u["model"] for r in rows(here, "records") for u in r["usage"] if u["stage"] == "generate"} == {
        "openai/gpt-4.1"
    }
    assert sorted(r["question"] for _, r, _ in server.seen) == sorted(FIRST)


def test_openai_requests_go_to_addresses_that_speak_it_with_the_key(here, server, capsys, monkeypatch):
    monkeypatch.setenv("OUR_KEY", "sesame")
    chat = {"choices": [{"message": {"content": "I don't know."}, "finish_reason": "stop"}]}
    server.script = lambda *_: (200, {}, chat)
    measured, _ = run(capsys, f"{server.url}/v1", "--system-key-env", "OUR_KEY", "--system-model", "m", limit=2)
    path, request, key = server.seen[0]
    assert (path, key, request["model"]) == ("/v1/chat/completions", "Bearer sesame", "m")
    assert measured["abstained"]["value"] == 1
    assert "sesame" not in "".join(p.read_text() for p in (here / "run").glob("*.json*"))


def test_claims_are_checked_against_the_applications_own_sources_and_forbidden_ones_are_recorded(here, capsys):
    (here / "rag_forbidden.py").write_text(
        "def answer(question):\n"
        "    return {'answer': 'The bridge is 40 metres long [1]. It is red [2].', 'sources': [\n"
        "        {'doc_id': 'blog', 'text': 'The bridge is 40 metres long.', 'date': '2030-01-01'},\n"
        "        {'doc_id': 'blue', 'text': 'It is blue.'}]}\n"
    )
    run(capsys, "rag_forbidden:answer", limit=2)
    answers, verdicts = rows(here, "answers"), rows(here, "verdicts")
    assert {b["doc_id"] for a in answers for b in a["blocked"]} == {"blog", "blue"}
    assert all(b["rule"] for a in answers for b in a["blocked"])
    assert all(a["hits"] == [] for a in answers)
    assert {v["findings"][0] for v in verdicts} <= {"out_of_scope", "post_cutoff"}
    assert {v["label"] for v in verdicts} != {"supported"}
    assert {(s["doc_id"], s["text"]) for s in rows(here, "sources") if s["doc_id"] in ("blog", "blue")} == {
        ("blog", "The bridge is 40 metres long."),
        ("blue", "It is blue."),
    }


def test_exceptions_and_malformed_replies_are_invalid_answers_with_their_reason(here, capsys):
    (here / "rag_moody.py").write_text(
        "calls = []\n"
        "async def answer(question):\n"
        "    calls.append(question)\n"
        "    if len(calls) == 2:\n        raise ValueError('the index is gone')\n"
        "    if len(calls) == 3:\n        return {'text': 'x'}\n"
        '    return "I don\'t know."\n'
    )
    measured, err = run(capsys, "rag_moody:answer", limit=4)
    assert measured["invalid"]["value"] == 0.5
    assert measured["p"]["value"] is None
    reasons = [a["finish_reason"] for a in rows(here, "answers")]
    assert reasons[1] == "failed: it raised ValueError: the index is gone"
    assert reasons[2].startswith("failed: malformed reply: reply, field 'answer': missing")
    assert "1 answers of rag_moody:answer are invalid: it raised ValueError: the index is gone" in err
    assert [a["latency_s"] is None for a in rows(here, "answers")] == [False, True, True, False]


def test_what_takes_too_long_is_no_answer(here, capsys):
    (here / "rag_slow.py").write_text(
        "import time\ncalls = []\ndef answer(question):\n    calls.append(question)\n"
        '    time.sleep(30 if len(calls) == 1 else 0)\n    return "I don\'t know."\n'
    )
    measured, err = run(capsys, "rag_slow:answer", "--system-timeout", "0.3", limit=3)
    assert measured["invalid"]["value"] == pytest.approx(1 / 3)
    assert "no answer within 0.3 s" in err


def test_a_server_that_hangs_is_cut_off(here, server, capsys):
    server.script = lambda _, call: (time.sleep(1.5) if call == 1 else None) or (200, {}, {"answer": "I don't know."})
    options = ("--system-timeout", "0.5", "--system-connections", "1")
    measured, err = run(capsys, server.url, *options, limit=3)
    assert measured["invalid"]["value"] == pytest.approx(1 / 3)
    assert "no answer within 0.5 s" in err


def test_a_busy_server_is_asked_again_and_errors_of_the_application_are_not(here, server, capsys):
    fine = (200, {}, {"answer": "I don't know."})
    script = {1: (503, {"Retry-After": "0"}, {}), 3: (500, {}, {}), 4: (200, {}, b"<html>")}
    server.script = lambda _, call: script.get(call, fine)
    measured, err = run(capsys, server.url, "--system-connections", "1", limit=4)
    assert len(server.seen) == 5  # four questions and one more try
    assert measured["invalid"]["value"] == 0.5
    assert "HTTP 500" in err
    assert "malformed reply: not JSON" in err


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [(401, {}, "HTTP 401"), (404, {}, "HTTP 404"), (302, {"Location": "http://127.0.0.1:9/"}, "it redirects")],
)
def test_a_wrong_key_or_address_stops_the_run(here, server, capsys, status, headers, words):
    server.script = lambda *_: (status, headers, {})
    _, err = run(capsys, server.url, "--system-connections", "1", code=EXIT_UNREACHABLE)
    assert words in err
    assert len(server.seen) <= 2


def test_an_application_that_never_answers_stops_the_run(here, server, capsys):
    server.script = lambda *_: (500, {}, {})
    _, err = run(capsys, server.url, "--system-connections", "1", code=EXIT_UNREACHABLE, limit=20)
    assert "HTTP 500" in err
    assert 6 <= len(server.seen) <= 9


def test_a_run_that_broke_off_goes_on_and_asks_only_what_is_missing(here, server, capsys):
    fine = (200, {}, {"answer": "I don't know.", "sources": [{"doc_id": "own", "text": "Nothing."}]})
    server.script = lambda _, call: fine if call <= 3 else (403, {}, {})
    run(capsys, server.url, "--system-connections", "1", code=EXIT_UNREACHABLE)
    server.seen.clear()
    server.script = lambda *_: fine
    measured, err = run(capsys, server.url, "--system-connections", "1", "--resume")
    assert "kept 3 finished samples" in err
    assert len(server.seen) == 5
    assert measured["abstained"]["n"] == 8
    assert sum(s["doc_id"] == "own" for s in rows(here, "sources")) == 8


def test_nobody_there(here, capsys, monkeypatch):
    monkeypatch.setattr("vcpd.evals.run_system._FIRST_WAIT_S", 0.01)
    _, err = run(capsys, "http://127.0.0.1:9/", code=EXIT_UNREACHABLE)
    assert "not reached: ConnectionRefusedError" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--system", "no_such_module:answer"], "cannot be imported: ModuleNotFoundError"),
        (["--system", "json:nothing"], "cannot be imported: AttributeError"),
        (["--system", "json:__doc__"], "is not a function"),
        (["--system", "json"], "neither module:function nor an address"),
        (["--system", "http://user:secret@host/"], "the address holds a user name or password"),
        (["--system", "http://host/", "--system-key-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE is not set"),
        (["--system", "json:loads", "--model", "local/extractive"], "--system takes the place of --model"),
        (["--system-name", "x"], "options need --system"),
    ],
)
def test_what_cannot_be_called_is_said_before_anything_is_written(here, capsys, arguments, words):
    assert run_cli(["run", *arguments, "--out", "run"]) == EXIT_USAGE
    assert words in capsys.readouterr().err
    assert not (here / "run").exists()


def test_a_configuration_names_an_application(here, server, capsys):
    server.script = lambda question, _: (200, {}, {"answer": "I don't know."})
    (here / "run.toml").write_text(
        f'domains = ["legal"]\nlimit = 1\n[system]\ntarget = "{server.url}/ask?key=sesame"\nname = "ours"\n'
    )
    assert run_cli(["run", "run.toml", "--out", "run", "--quiet"]) == 0
    manifest = (here / "run" / "manifest.json").read_text()
    assert json.loads(manifest)["identity"]["models"][0]["name"] == "ours"
    assert "sesame" not in manifest
    assert "sesame" in server.seen[0][0]


def test_the_model_behind_an_application_is_what_is_billed(here, capsys):
    (here / "rag_priced.py").write_text(
        "def answer(question):\n"
        "    return {'answer': \"I don't know.\", 'usage': {'prompt_tokens': 10, 'completion_tokens': 2}}\n"
    )
    run(capsys, "rag_priced:answer", "--system-model", "openai/gpt-4.1", "--require-cost", limit=1)
    _, err = run(capsys, "rag_priced:answer", "--require-cost", "--resume", limit=1, code=EXIT_USAGE)
    assert "no price per token is known for model 'rag_priced:answer'" in err
