"""One comment, updated in place, against a server on loopback that speaks GitHub's API."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from vcpd.evals.github_comment import main

BOT = {"type": "Bot", "login": "github-actions[bot]"}


class GitHub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.comments, self.seen, self.status = [], [], 200


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, body):
        raw = json.dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self):
        self.server.seen.append(("GET", self.path, self.headers["authorization"]))
        page = int(self.path.rpartition("=")[2])
        self.answer(self.server.comments[100 * (page - 1) : 100 * page])

    def write(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))["body"]
        self.server.seen.append((self.command, self.path, body))
        self.answer({"id": 1})

    do_POST = do_PATCH = write


@pytest.fixture
def github():
    made = GitHub()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def publish(github, tmp_path):
    (tmp_path / "comment.md").write_text("### FAIL\n")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    base = {
        "GITHUB_API_URL": f"http://127.0.0.1:{github.server_port}",
        "GITHUB_REPOSITORY": "our/repo",
        "GITHUB_EVENT_PATH": str(event),
        "VCPD_TOKEN": "token",
    }
    return lambda **env: main([str(tmp_path / "comment.md")], base | env)


def test_the_first_comment_is_written(github, publish):
    assert publish() == 0
    assert github.seen[-1] == ("POST", "/repos/our/repo/issues/7/comments", "<!-- vcpd gate -->\n### FAIL\n")
    assert github.seen[0][2] == "Bearer token"


def test_ours_is_updated_in_place_wherever_it_stands(github, publish):
    others = [{"id": i, "body": "hello", "user": {"type": "User"}} for i in range(150)]
    github.comments = [*others, {"id": 900, "body": "<!-- vcpd gate -->\nold", "user": BOT}]
    assert publish() == 0
    assert github.seen[-1][:2] == ("PATCH", "/repos/our/repo/issues/comments/900")


def test_what_a_person_or_another_gate_wrote_is_left_alone(github, publish):
    github.comments = [
        {"id": 1, "body": "<!-- vcpd gate -->\nmine", "user": {"type": "User"}},
        {"id": 2, "body": "<!-- vcpd other -->\nold", "user": BOT},
        {"id": 3, "body": "quoted: <!-- vcpd gate -->", "user": BOT},
        {"id": 4, "body": None, "user": None},
    ]
    assert publish() == 0
    assert github.seen[-1][0] == "POST"


def test_a_key_tells_gates_apart(github, publish):
    github.comments = [{"id": 2, "body": "<!-- vcpd rag -->\nold", "user": BOT}]
    assert publish(VCPD_COMMENT_KEY="rag") == 0
    assert github.seen[-1][0] == "PATCH"


def test_a_token_that_may_not_write_is_no_failure(github, publish, capsys):
    github.status = 403
    assert publish() == 0
    assert "::notice" in capsys.readouterr().out


@pytest.mark.parametrize("env", [{"VCPD_TOKEN": ""}, {"GITHUB_EVENT_PATH": "none.json"}])
def test_without_a_pull_request_or_a_token_nothing_is_called(github, publish, env):
    assert publish(**env) == 0
    assert github.seen == []


@pytest.mark.parametrize("env", [{"VCPD_COMMENT_KEY": "a --> b"}, {"GITHUB_REPOSITORY": "a/b/../c"}])
def test_names_that_are_none_are_refused(github, publish, env, capsys):
    assert publish(**env) == 1
    assert github.seen == []
    assert "::warning" in capsys.readouterr().out


def test_a_long_comment_is_cut_to_what_the_host_takes(github, publish, tmp_path):
    (tmp_path / "comment.md").write_text("x" * 100_000)
    assert publish() == 0
    assert len(github.seen[-1][2]) == 65_000
