"""Which failures of a model call may be retried."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from vcpd.evals.model_failures import FailureKind, classify_failure
from vcpd.evals.models import load_litellm


def _wrapped(cause: BaseException, name: str = "APIConnectionError", *, chained: bool = False) -> BaseException:
    """`cause` as litellm wraps it: as the context of one of its own exceptions."""
    kind = getattr(load_litellm(), name)
    try:
        try:
            raise cause
        except BaseException as error:
            made = kind(message="wrapped", model="m", llm_provider="p")
            if chained:
                raise made from error
            raise made  # noqa: B904
    except BaseException as error:
        return error


def _http(status: int, headers: dict[str, str] | None = None) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://127.0.0.1/v1")
    return httpx.HTTPStatusError(
        "no", request=request, response=httpx.Response(status, headers=headers, request=request)
    )


@pytest.mark.parametrize(
    "bug",
    [
        ModuleNotFoundError("No module named 'mcp'"),
        TypeError("x"),
        AssertionError("x"),
        AttributeError("x"),
        KeyError("content"),
        ValueError("x"),
        json.JSONDecodeError("x", "y", 0),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x"),
        RuntimeError("x"),
    ],
    ids=lambda bug: type(bug).__name__,
)
@pytest.mark.parametrize("name", ["APIConnectionError", "InternalServerError"])
@pytest.mark.parametrize("chained", [False, True])
def test_a_bug_is_never_retried(bug: Exception, name: str, chained: bool) -> None:
    assert classify_failure(_wrapped(bug, name, chained=chained)).kind is FailureKind.FATAL
    assert classify_failure(bug).kind is FailureKind.FATAL


@pytest.mark.parametrize(
    "cause",
    [
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("x"),
        ConnectionResetError("x"),
        TimeoutError("x"),
        _http(500),
        _http(503),
        _http(529),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_network_errors_and_overload_pass(cause: Exception) -> None:
    assert classify_failure(_wrapped(cause)).kind is FailureKind.TRANSIENT
    assert classify_failure(_wrapped(cause, "InternalServerError")).kind is FailureKind.TRANSIENT


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_other_statuses_do_not_pass(status: int) -> None:
    assert classify_failure(_wrapped(_http(status), "InternalServerError")).kind is FailureKind.FATAL


def test_litellms_own_timeout_and_plain_server_error() -> None:
    litellm = load_litellm()
    timeout = litellm.Timeout(message="x", model="m", llm_provider="p")
    assert classify_failure(timeout).kind is FailureKind.TRANSIENT
    plain = litellm.ServiceUnavailableError(message="x", model="m", llm_provider="p")
    assert classify_failure(plain).kind is FailureKind.TRANSIENT
    plain = litellm.APIConnectionError(message="x", model="m", llm_provider="p")
    assert classify_failure(plain).kind is FailureKind.FATAL


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (lambda: "7", 7.0),
        (lambda: "0.25", 0.25),
        (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True), 90.0),
        (lambda: "soon", None),
        (lambda: "-3", None),
        (lambda: "inf", None),
        (lambda: "1e400", None),
    ],
)
def test_retry_after(value: Callable[[], str], seconds: float | None) -> None:
    failure = classify_failure(_wrapped(_http(429, {"Retry-After": value()}), "RateLimitError"))
    assert failure.kind is FailureKind.RATE_LIMIT
    assert failure.retry_after_s == (seconds if seconds is None else pytest.approx(seconds, abs=2))


def test_an_exhausted_quota_does_not_pass() -> None:
    litellm = load_litellm()
    error = litellm.RateLimitError(message="insufficient_quota", model="m", llm_provider="p")
    assert classify_failure(error).kind is FailureKind.FATAL


def test_a_cycle_of_causes_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert classify_failure(first).kind is FailureKind.FATAL
