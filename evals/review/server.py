"""The review page's server: one run, this machine, and only who holds the address with its token.

Plain `http.server` with a thread a request; no account, no cookie. Against other sites in the same browser: the Host
header must be one of this server's own (DNS rebinding), every call carries the token in a header that another site
cannot set without asking (which is refused), and a request that says it comes from another site is refused.
"""

import json
import socket
import socketserver
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .desk import Desk
from .labels import LabelError, reviewer_name
from .trail import TrailError

LOOPBACK = "127.0.0.1"
_LONGEST = 1_000_000  # bytes of a request
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a token stands for. name: "" where the page asks for one."""

    name: str = ""
    role: str = "reviewer"


class ServerError(ValueError):
    """A server that cannot be started as asked; the message says why and what to do."""


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class ReviewServer(ThreadingHTTPServer):
    """The server of one review; `addresses` are to be handed to the reviewers.

    Args:
        page: The page and the value of its Content-Security-Policy header.
        people: Who reviews; each gets an address of their own. Empty: one address for all, and the page asks for names.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, desk: Desk, page: tuple[str, str], people: tuple[Person, ...] = (), host: str = LOOPBACK, port: int = 0
    ) -> None:
        self.desk, self.page = desk, page
        self.tokens = {token_urlsafe(24): person for person in people or (Person(),)}
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            raise ServerError(
                f"cannot listen on {host}, port {port} ({error}): another review may be running; choose another --port"
            ) from error
        self.host = f"[{host}]" if ":" in host else host
        self.is_local = host == "localhost" or _is_loopback(host)

    def server_bind(self) -> None:
        """Without a look-up of this machine's name, which the base class makes and which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def addresses(self) -> list[tuple[Person, str]]:
        """Each person's address, token included."""
        return [
            (person, f"http://{self.host}:{self.server_port}/?token={token}") for token, person in self.tokens.items()
        ]

    def knows_host(self, header: str) -> bool:
        """Whether a Host header names this server: by loopback name or by IP address, never by another name."""
        name, _, port = header.rpartition(":")
        if port != str(self.server_port):
            return False
        if name in ("localhost", self.host):
            return True
        return _is_loopback(name.strip("[]")) or (not self.is_local and _is_address(name.strip("[]")))

    @property
    def has_adjudicators(self) -> bool:
        """Whether somebody was named to decide, so that nobody else does."""
        return any(person.role == "adjudicator" for person in self.tokens.values())

    def person(self, token: str) -> Person | None:
        """Whom the token stands for, compared in constant time."""
        found = None
        for known, person in self.tokens.items():
            if compare_digest(known.encode(), token.encode("utf-8", "replace")):
                found = person
        return found


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ip_address(name).is_loopback


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "vcpd", ""
    timeout = 60  # of a connection that says nothing

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, work: Callable[[], tuple[str, bytes, Mapping[str, str]]]) -> None:
        try:
            self._check_origin()
            kind, body, more = work()
            status = HTTPStatus.OK
        except _Refused as error:
            status, (kind, body, more) = error.status, _json({"error": str(error)})
        except (LabelError, TrailError) as error:
            status, (kind, body, more) = HTTPStatus.BAD_REQUEST, _json({"error": str(error)})
        if status is not HTTPStatus.OK:
            self.close_connection = True  # what is left of the request is not read
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _check_origin(self) -> None:
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or not self.server.knows_host(hosts[0]):
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST, "this server answers only under its own address")
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{hosts[0]}":
            raise _Refused(HTTPStatus.FORBIDDEN, "requests of other sites are refused")
        page = self.command == "GET" and urlsplit(self.path).path == "/"  # a link in a mail may lead there
        if not page and self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise _Refused(HTTPStatus.FORBIDDEN, "requests of other sites are refused")

    def _get(self) -> tuple[str, bytes, Mapping[str, str]]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/":
            self._person(query.get("token", ""))
            html, policy = self.server.page
            return "text/html; charset=utf-8", html.encode("utf-8", "replace"), {"Content-Security-Policy": policy}
        routes = {"/api/session": self._session, "/api/item": self._item, "/api/cells": self._cells}
        if parts.path not in routes:
            raise _Refused(HTTPStatus.NOT_FOUND, "there is no such page")
        return _json(routes[parts.path](self._person(self.headers.get("X-Vcpd-Token", "")), query))

    def _post(self) -> tuple[str, bytes, Mapping[str, str]]:
        person = self._person(self.headers.get("X-Vcpd-Token", ""))
        kinds = {"/api/label": "label", "/api/adjudication": "adjudication"}
        kind = kinds.get(urlsplit(self.path).path)
        if kind is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "there is no such page")
        reviewer = self._reviewer(person)
        values = self._body() | {"reviewer": reviewer}
        if kind == "adjudication" and self.server.has_adjudicators and person.role != "adjudicator":
            raise LabelError("only those who were named as adjudicators decide in this review")
        values["role"] = "adjudicator" if kind == "adjudication" else person.role
        event = self.server.desk.save(kind, values)
        return _json({"saved": event["seq"], "progress": self.server.desk.progress(reviewer)})

    def _person(self, token: str) -> Person:
        person = self.server.person(token)
        if person is None:
            raise _Refused(
                HTTPStatus.FORBIDDEN, "the token is missing or not of this server: open the address that it printed"
            )
        return person

    def _reviewer(self, person: Person) -> str:
        return person.name or reviewer_name(unquote(self.headers.get("X-Vcpd-Reviewer", "")))

    def _session(self, person: Person, query: Mapping[str, str]) -> dict[str, Any]:
        desk = self.server.desk
        name = person.name or query.get("reviewer", "")
        return {
            "name": person.name,
            "role": person.role,
            "blind_to": desk.blind_to,
            "progress": desk.progress(name),
        }

    def _item(self, person: Person, query: Mapping[str, str]) -> dict[str, Any]:
        desk, reviewer = self.server.desk, self._reviewer(person)
        if query.get("of") == "disputed":
            return self._disputed(reviewer, query.get("after", ""))
        item = query.get("item") or desk.next_item(reviewer)
        found: dict[str, Any] = desk.hand_out(item, reviewer, person.role) if item else {"view": None}
        return found | {"progress": desk.progress(reviewer), "done": desk.labelled_by(reviewer)}

    def _disputed(self, reviewer: str, after: str) -> dict[str, Any]:
        desk = self.server.desk
        open_ = desk.disputed()
        names = [s.planned.item for s in open_]
        at = names.index(after) + 1 if after in names else 0
        if not open_:
            return {"view": None, "progress": desk.progress(reviewer)}
        standing = open_[at % len(open_)]
        found = desk.hand_out(standing.planned.item, reviewer, "adjudicator")
        said = [
            {"outcome": s.outcome, "harm": s.harm, "note": s.note, "claims": {str(n): x for n, x in s.claims.items()}}
            for s in standing.labels
        ]
        own = any(s.reviewer == reviewer for s in standing.labels)
        return found | {"mine": None, "said": said, "own": own, "progress": desk.progress(reviewer)}

    def _cells(self, person: Person, query: Mapping[str, str]) -> dict[str, Any]:
        return {"cells": self.server.desk.cells(), "wanted": self.server.desk.wanted}

    def _body(self) -> dict[str, Any]:
        if self.headers.get_content_type() != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "JSON is needed")
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > _LONGEST:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request holds at most {_LONGEST:,} bytes")
        try:
            values = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, "the request is no JSON") from error
        if not isinstance(values, dict):
            raise _Refused(HTTPStatus.BAD_REQUEST, "an object is needed")
        return values

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the token."""


def _json(data: object) -> tuple[str, bytes, Mapping[str, str]]:
    text = json.dumps(data, ensure_ascii=True, allow_nan=False)
    return "application/json; charset=utf-8", text.encode(), {"Content-Security-Policy": "default-src 'none'"}
