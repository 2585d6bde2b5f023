"""The review server refuses whoever is not its own page, and its desk gives every reviewer what is theirs."""

import http.client
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from review_cases import answer_row, events, scored_run
from vcpd.evals.review.answers import read_texts
from vcpd.evals.review.desk import Desk
from vcpd.evals.review.plan import PlanSettings, make_plan, plan_event
from vcpd.evals.review.server import Person, ReviewServer, ServerError
from vcpd.evals.review.trail import Trail
from vcpd.evals.saved_runs import open_run
from vcpd.reports.review_page import in_script, review_page


def desk_of(run: Path, **settings: Any) -> Desk:
    opened, trail = open_run(run), Trail(run)
    plan = make_plan(opened.records, opened.manifest, PlanSettings(**{"labels": 20, "double_share": 0.0, **settings}))
    trail.append(plan_event(plan))
    return Desk(opened, trail, plan, read_texts(run, [p.key for p in plan.items]))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_run(tmp_path_factory.mktemp("review"), [answer_row(n) for n in range(24)])


class Caller:
    def __init__(self, server: ReviewServer) -> None:
        self.server = server
        self.port = server.server_port
        self.token = next(iter(server.tokens))
        self.headers = {"X-Vcpd-Token": self.token, "X-Vcpd-Reviewer": "Ann"}

    def __call__(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = self.headers | (headers or {})
        data = None
        if body is not None:
            sent = {"Content-Type": "application/json"} | sent
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.putrequest(method, path, skip_host=True)
        for name, value in ({"Host": f"127.0.0.1:{self.port}"} | sent).items():
            if value:
                connection.putheader(name, value)
        if data is not None:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        answer = connection.getresponse()
        self.answered = answer.headers
        return answer.status, answer.read().decode()


@pytest.fixture
def call(run: Path) -> Iterator[Caller]:
    (run / "labels.jsonl").unlink(missing_ok=True)
    with ReviewServer(desk_of(run), review_page({"scope": "x"})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Caller(server)
        server.shutdown()
        thread.join()


def test_the_page_comes_with_its_token_and_its_policy(call: Caller) -> None:
    status, page = call("GET", f"/?token={call.token}", {"X-Vcpd-Token": ""})
    assert status == 200
    policy = call.answered["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert call.answered["Referrer-Policy"] == "no-referrer"
    assert call.answered["Cache-Control"] == "no-store"
    assert call.token not in page
    assert "Set-Cookie" not in call.answered


@pytest.mark.parametrize(
    "path", ["/", "/?token=", "/?token=x", "/?token=%ff", "/api/item", "/api/session", "/api/cells"]
)
def test_without_the_token_nothing_is_told(call: Caller, path: str) -> None:
    for token in ("", "x", call.token[:-1], call.token + "x"):
        status, said = call("GET", path, {"X-Vcpd-Token": token})
        assert status == 403
        assert "token" in said
        assert "bridge" not in said


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{}",
        "evil.example",
        "localhost.evil.example:{}",
        "127.0.0.1",
        "127.0.0.1:1",
        "",
        "10.0.0.1:{}",
        "[::ffff:7f00:1]x:{}",
        "127.0.0.1.evil.example:{}",
        "@127.0.0.1:{}",
    ],
)
def test_other_hosts_are_refused(call: Caller, host: str) -> None:
    """A name that an attacker lets point to 127.0.0.1 (DNS rebinding) is not this server's."""
    status, said = call("GET", f"/?token={call.token}", {"Host": host.format(call.port)})
    assert status in (400, 421)
    assert "bridge" not in said
    status, _ = call("GET", "/api/item", {"Host": host.format(call.port)})
    assert status in (400, 421)


def test_its_own_names_are_not_refused(call: Caller) -> None:
    for host in (f"localhost:{call.port}", f"127.0.0.1:{call.port}"):
        assert call("GET", "/api/item", {"Host": host})[0] == 200


def shown_item(call: Caller) -> dict[str, Any]:
    status, said = call("GET", "/api/item")
    assert status == 200
    found: dict[str, Any] = json.loads(said)
    return found


def label_of(call: Caller, **more: Any) -> dict[str, Any]:
    found = shown_item(call)
    return {
        "item": found["view"]["item"],
        "shown": found["shown"],
        "outcome": "correct",
        "seconds": 1.0,
        "id": "a",
        **more,
    }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"X-Vcpd-Token": ""}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data"}, 415),
    ],
)
def test_posts_of_other_sites_write_nothing(call: Caller, run: Path, headers: dict[str, str], status: int) -> None:
    label = label_of(call)
    assert call("POST", "/api/label", headers, label)[0] == status
    assert not events(run, "label")
    assert (
        call("POST", "/api/label", {"Origin": f"http://127.0.0.1:{call.port}", "Sec-Fetch-Site": "same-origin"}, label)[
            0
        ]
        == 200
    )
    assert len(events(run, "label")) == 1


def test_preflights_and_other_methods_are_not_answered(call: Caller) -> None:
    for method in ("OPTIONS", "PUT", "DELETE", "TRACE", "HEAD"):
        status, _ = call(method, "/api/label", {"Access-Control-Request-Headers": "x-vcpd-token"})
        assert status == 501
        assert "Access-Control-Allow-Origin" not in call.answered


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": "splendid"}, "'outcome'"),
        ({"outcome": "incorrect"}, "'harm'"),
        ({"harm": "severe"}, "only a wrong answer"),
        ({"claims": {"99": "supported"}}, "'claims'"),
        ({"claims": {"0": "fine"}}, "'claims'"),
        ({"claims": ["supported"]}, "'claims'"),
        ({"note": "x" * 5000}, "'note'"),
        ({"note": 7}, "'note'"),
        ({"seconds": -1}, "'seconds'"),
        ({"seconds": "1"}, "'seconds'"),
        ({"item": "../../etc/passwd"}, "'item'"),
        ({"shown": "0" * 64}, "'shown'"),
    ],
)
def test_a_wrong_label_is_refused_with_its_field(call: Caller, run: Path, change: dict[str, Any], message: str) -> None:
    status, said = call("POST", "/api/label", body=label_of(call) | change)
    assert status == 400
    assert message in json.loads(said)["error"]
    assert not events(run, "label")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b'{"item": NaN}', b"\xff"])
def test_a_request_that_is_no_label_is_refused(call: Caller, body: bytes) -> None:
    assert call("POST", "/api/label", body=body)[0] == 400


def test_a_request_of_any_length_is_bounded(call: Caller) -> None:
    assert call("POST", "/api/label", {"Content-Length": "99999999", "Content-Type": "application/json"})[0] == 413
    assert call("POST", "/api/label", {"Content-Length": "-1", "Content-Type": "application/json"})[0] == 413


def test_a_label_that_is_sent_twice_counts_once(call: Caller, run: Path) -> None:
    label = label_of(call)
    for _ in range(3):
        assert call("POST", "/api/label", body=label)[0] == 200
    assert len(events(run, "label")) == 1


def test_reviewers_are_blind_and_the_name_of_the_answer_tells_nothing(call: Caller) -> None:
    found = json.dumps(shown_item(call))
    for secret in ("gpt-4.1", "not_enough", "refuted", "flagged", "q1", "Confidence", "inclusion", '"targets": ["'):
        assert secret not in found


def test_a_page_cannot_claim_more_time_than_passed(call: Caller, run: Path) -> None:
    call("POST", "/api/label", body=label_of(call, seconds=5000.0))
    [label] = events(run, "label")
    assert label["seconds"] < 60


def test_time_before_a_restart_is_not_lost(run: Path) -> None:
    """Shown ten minutes ago by a server that died: five minutes of work are believed, an hour is not; and after the
    label is corrected, only what passed since."""
    (run / "labels.jsonl").unlink(missing_ok=True)
    desk = desk_of(run)
    item = desk.plan.items[0].item
    shown = desk.view(item)[1]
    before = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
    desk.trail.append({"kind": "shown", "item": item, "reviewer": "Ann", "shown": shown, "at": before})
    for seconds, least, most in ((300.0, 300, 300), (300.0, 0, 30), (7.0, 0, 7)):
        desk.hand_out(item, "Ann", "reviewer")
        label = {"item": item, "reviewer": "Ann", "outcome": "correct", "shown": shown, "seconds": seconds}
        assert least <= desk.save("label", label)["seconds"] <= most
    other = {"item": item, "reviewer": "Ben", "outcome": "correct", "shown": shown, "seconds": 3600.0}
    desk.trail.append({"kind": "shown", "item": item, "reviewer": "Ben", "shown": shown, "at": before})
    assert 600 <= desk.save("label", other)["seconds"] <= 640


def test_two_at_once_get_different_answers_and_double_ones_go_to_both(run: Path) -> None:
    (run / "labels.jsonl").unlink(missing_ok=True)
    desk = desk_of(run, double_share=0.3)
    queue: dict[str, list[str]] = {"Ann": [], "Ben": [], "Cem": []}
    for turn in range(60):
        who = list(queue)[turn % 3]
        item = desk.next_item(who)
        if item is not None:
            shown = desk.hand_out(item, who, "reviewer")["shown"]
            desk.save("label", {"item": item, "reviewer": who, "outcome": "correct", "shown": shown, "id": f"{turn}"})
            queue[who].append(item)
    given = [item for items in queue.values() for item in items]
    double = [p.item for p in desk.plan.items if p.double]
    assert len(desk.plan.items) == 20
    assert len(double) == 6
    assert sorted(given) == sorted([p.item for p in desk.plan.items] + double)
    assert all(len(set(items)) == len(items) for items in queue.values())
    assert all(s.complete for s in desk.standings())


def test_an_answer_on_one_screen_is_not_given_to_another(run: Path) -> None:
    (run / "labels.jsonl").unlink(missing_ok=True)
    desk = desk_of(run)
    assert desk.next_item("Ann") == desk.next_item("Ann") != desk.next_item("Ben")


def test_named_reviewers_have_a_token_each(run: Path) -> None:
    (run / "labels.jsonl").unlink(missing_ok=True)
    people = (Person("Ann"), Person("Dora", "adjudicator"))
    with ReviewServer(desk_of(run), review_page({"scope": "x"}), people) as server:
        assert len(server.tokens) == 2
        assert [person.name for person, _ in server.addresses] == ["Ann", "Dora"]
        assert all(address.startswith("http://127.0.0.1:") for _, address in server.addresses)
        assert server.server_address[0] == "127.0.0.1"
        with pytest.raises(ServerError, match="choose another --port"):
            ReviewServer(desk_of(run), review_page({"scope": "x"}), port=server.server_port)


def test_data_cannot_end_its_script_element() -> None:
    hostile = {"x": "</script><script>alert(1)</script><!-- &amp; \u2028"}
    assert not set("<>&\u2028") & set(in_script(hostile))
    assert json.loads(in_script(hostile)) == hostile


def test_where_adjudicators_are_named_nobody_else_decides(run: Path) -> None:
    (run / "labels.jsonl").unlink(missing_ok=True)
    desk = desk_of(run)
    item = desk.plan.items[0].item
    said = {"item": item, "shown": desk.view(item)[1], "seconds": 1}
    desk.save("label", said | {"reviewer": "Ann", "outcome": "correct"})
    desk.save("label", said | {"reviewer": "Ben", "outcome": "abstained"})
    people = (Person("Ann"), Person("Dora", "adjudicator"))
    with ReviewServer(desk, review_page({"scope": "x"}), people) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        caller = Caller(server)
        for token, status in zip(server.tokens, (400, 200), strict=True):
            values = said | {"outcome": "correct", "id": token[:8], "reviewer": "Mallory", "role": "reviewer"}
            assert caller("POST", "/api/adjudication", {"X-Vcpd-Token": token}, values)[0] == status
        server.shutdown()
    [decision] = events(run, "adjudication")
    assert (decision["reviewer"], decision["role"], decision["own"]) == ("Dora", "adjudicator", False)
    assert [label["reviewer"] for label in decision["of"]] == ["Ann", "Ben"]


@pytest.mark.parametrize(
    ("host", "known", "unknown"),
    [
        ("127.0.0.1", ["127.0.0.1", "localhost", "127.0.0.2"], ["192.0.2.1", "evil.example"]),
        ("localhost", ["127.0.0.1", "localhost"], ["192.0.2.1", "evil.example"]),
        ("0.0.0.0", ["192.0.2.1", "localhost"], ["evil.example", "192.0.2.1.evil.example"]),
    ],
)
def test_which_names_are_its_own(run: Path, host: str, known: list[str], unknown: list[str]) -> None:
    """Opened to the network it answers under any address, which no other site can be given, and under no other name."""
    (run / "labels.jsonl").unlink(missing_ok=True)
    with ReviewServer(desk_of(run), review_page({"scope": "x"}), host=host) as server:
        assert all(server.knows_host(f"{name}:{server.server_port}") for name in known)
        assert not any(server.knows_host(f"{name}:{server.server_port}") for name in unknown)
