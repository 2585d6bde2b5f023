"""Calling an application under test: a Python function, or an address that speaks JSON."""

import asyncio
import inspect
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from importlib import import_module
from typing import IO, Any

from .redaction import holds_user

Call = Callable[[str], object]
"""A question in, the application's reply out, as it came."""

_LARGEST = 16 << 20  # bytes of one reply
_CHUNK = 1 << 16
_CHAT = "/chat/completions"
_WRONG_ADDRESS = frozenset({401, 403, 404, 405, 407})
_BUSY = frozenset({429, 502, 503, 504})
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_WAIT_S = 60.0


class SystemSetupError(ValueError):
    """An application that cannot be called as it is named; the message says why."""


class SystemCallError(Exception):
    """One call failed.

    Attributes:
        again: Whether the same call may succeed at once.
        unreachable: Whether no call can succeed: nobody listens there, the key is wrong.
        wait_s: How long the server asks to wait.
    """

    def __init__(self, message: str, *, again: bool = False, unreachable: bool = False, wait_s: float | None = None):
        super().__init__(message)
        self.again, self.unreachable, self.wait_s = again, unreachable, wait_s


def is_address(target: str) -> bool:
    """Whether an application is named by its address."""
    return target.startswith(("http://", "https://"))


def shown_target(target: str) -> str:
    """The application's name in tables: the address without its query, or module:function."""
    if not is_address(target):
        return target
    parts = urllib.parse.urlsplit(target)
    return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"


def without_query(target: str) -> str:
    """`target` as it may be written down: what stands behind a question mark may be a key."""
    return target.partition("?")[0] if is_address(target) else target


def system_call(target: str, timeout_s: float, key_env: str | None = None, model: str = "") -> Call:
    """How to call `target`, without calling it.

    Args:
        target: "module:function" (looked for in the working directory, too), or an http(s) address: one that ends in
            /v1 or /chat/completions gets OpenAI's request, any other gets {"question": ...}.
        key_env: Environment variable that holds the key sent as bearer token.
        model: The model's name in OpenAI's request.

    Raises:
        SystemSetupError: No such module, function or variable, or an address that carries a password.
    """
    if is_address(target):
        return _http_call(target, timeout_s, key_env, model)
    if key_env:
        raise SystemSetupError("--system-key-env is for an address; a function reads its own key")
    return _function_call(_function(target), timeout_s)


def _function(target: str) -> Callable[[str], object]:
    module, colon, name = target.partition(":")
    if not colon or not module or not name:
        raise SystemSetupError(f"'{target}' is neither module:function nor an address (http://...)")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:  # the module's own code may raise anything while it is imported
        raise SystemSetupError(f"'{target}' cannot be imported: {_reason(error)}") from error
    if not callable(found):
        raise SystemSetupError(f"'{target}' is not a function")
    called: Callable[[str], object] = found
    return called


def _function_call(function: Callable[[str], object], timeout_s: float) -> Call:
    """In a thread of its own: a function that hangs is left behind, and its question has no answer."""

    def call(question: str) -> object:
        box: dict[str, Any] = {}

        def work() -> None:
            try:
                value = function(question)
                box["value"] = asyncio.run(_awaited(value)) if inspect.isawaitable(value) else value
            except BaseException as error:  # whatever it raises, the others must go on
                box["error"] = error

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(timeout_s)
        if thread.is_alive():
            raise SystemCallError(f"no answer within {timeout_s:g} s")
        if "error" in box:
            raise SystemCallError(f"it raised {_reason(box['error'])}")
        return box["value"]

    return call


async def _awaited(value: Any) -> object:
    return await value


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry questions and key to another host."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


@dataclass(frozen=True, slots=True)
class _Endpoint:
    url: str
    chat: bool
    model: str
    headers: Mapping[str, str]
    timeout_s: float

    def request(self, question: str) -> urllib.request.Request:
        body: dict[str, Any] = {"question": question}
        if self.chat:
            body = {"model": self.model, "messages": [{"role": "user", "content": question}], "stream": False}
        return urllib.request.Request(self.url, json.dumps(body).encode(), dict(self.headers), method="POST")


def _http_call(target: str, timeout_s: float, key_env: str | None, model: str) -> Call:
    parts = urllib.parse.urlsplit(target)
    if holds_user(target):
        raise SystemSetupError("the address holds a user name or password; give a key with --system-key-env")
    if not parts.hostname:
        raise SystemSetupError(f"'{target}' names no host")
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "vcpd"}
    if key_env:
        if not os.environ.get(key_env):
            raise SystemSetupError(f"the environment variable {key_env} is not set")
        headers["Authorization"] = f"Bearer {os.environ[key_env]}"
    path = parts.path.rstrip("/")
    chat = path.endswith((_CHAT, "/v1"))
    url = urllib.parse.urlunsplit(parts._replace(path=path + _CHAT)) if path.endswith("/v1") else target
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if parts.hostname in _LOCAL_HOSTS:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    endpoint = _Endpoint(url, chat, model, headers, timeout_s)
    return lambda question: _asked(opener, endpoint, question)


def _asked(opener: urllib.request.OpenerDirector, endpoint: _Endpoint, question: str) -> object:
    deadline = time.monotonic() + endpoint.timeout_s
    try:
        with opener.open(endpoint.request(question), timeout=endpoint.timeout_s) as response:
            raw = _body(response, deadline, endpoint.timeout_s)
    except urllib.error.HTTPError as error:
        with error:
            raise _status(error) from None
    except TimeoutError:
        raise SystemCallError(f"no answer within {endpoint.timeout_s:g} s") from None
    except (urllib.error.URLError, HTTPException, OSError) as error:
        inner = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(inner, TimeoutError):
            raise SystemCallError(f"no answer within {endpoint.timeout_s:g} s") from None
        raise SystemCallError(f"not reached: {_reason(inner)}", again=True, unreachable=True) from None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise SystemCallError("malformed reply: not JSON") from None


def _body(response: Any, deadline: float, timeout_s: float) -> bytes:
    """The whole body; one that drips is cut off at the deadline."""
    read = bytearray()
    while chunk := response.read1(_CHUNK):
        read += chunk
        if len(read) > _LARGEST:
            raise SystemCallError(f"the reply is longer than {_LARGEST >> 20} MB")
        if time.monotonic() > deadline:
            raise SystemCallError(f"no answer within {timeout_s:g} s")
    return bytes(read)


def _status(error: urllib.error.HTTPError) -> SystemCallError:
    if 300 <= error.code < 400:
        return SystemCallError(f"HTTP {error.code}: it redirects; name the address it points to", unreachable=True)
    wait = error.headers.get("Retry-After", "") if error.headers else ""
    wait_s = min(float(wait), _LONGEST_WAIT_S) if wait.isdecimal() and len(wait) < 6 else None
    message = f"HTTP {error.code} {error.reason}"[:120]
    return SystemCallError(message, again=error.code in _BUSY, unreachable=error.code in _WRONG_ADDRESS, wait_s=wait_s)


def _reason(error: object) -> str:
    said = " ".join(str(error).split())[:160]
    name = type(error).__name__
    return f"{name}: {said}" if said else name
