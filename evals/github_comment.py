"""One comment on a pull request, found again by its first line and updated in place."""

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEY = re.compile(r"[A-Za-z0-9._-]{1,60}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_LONGEST = 65_000  # GitHub refuses more than 65,536 characters
_MOST_PAGES = 30
_TIMEOUT_S = 30.0


class CommentError(ValueError):
    """What names the comment's place cannot be used; the message says what."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the comment goes. `marker`: its first line, by which it is found again."""

    api: str
    repository: str
    number: int
    token: str
    marker: str


def place_of(env: Mapping[str, str]) -> Place | None:
    """The pull request that the job runs for; None where it runs for none, or has no token.

    Raises:
        CommentError: The key or the repository is not a plain name.
    """
    key = env.get("VCPD_COMMENT_KEY", "").strip() or "gate"
    if not _KEY.fullmatch(key):
        raise CommentError("the input comment-key takes letters, digits, dots, hyphens and underscores")
    repository = env.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise CommentError("GITHUB_REPOSITORY names no repository")
    number, token = _number(env.get("GITHUB_EVENT_PATH", "")), env.get("VCPD_TOKEN", "")
    if number is None or not token:
        return None
    api = env.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    return Place(api, repository, number, token, f"<!-- vcpd {key} -->")


def publish(place: Place, text: str) -> str:
    """Update the comment of this key, or write it; "updated" or "created".

    Only a comment that an application wrote is taken for ours: a person's that begins alike is left alone.
    """
    body = f"{place.marker}\n{text}"[:_LONGEST]
    path = f"/repos/{place.repository}/issues/{place.number}/comments"
    for page in range(1, _MOST_PAGES + 1):
        found = _call(place, "GET", f"{path}?per_page=100&page={page}")
        comments = [c for c in found if isinstance(c, Mapping)] if isinstance(found, list) else []
        for comment in comments:
            if _is_ours(comment, place.marker):
                _call(place, "PATCH", f"/repos/{place.repository}/issues/comments/{int(comment['id'])}", body)
                return "updated"
        if len(comments) < 100:
            break
    _call(place, "POST", path, body)
    return "created"


def main(arguments: list[str] | None = None, env: Mapping[str, str] | None = None) -> int:
    """Publish the file that is named. 0 also where the token may not write, as on a fork; 1 where inputs are wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        place = place_of(os.environ if env is None else env)
        text = Path(words[0]).read_text(encoding="utf-8")
    except (CommentError, OSError, IndexError) as error:
        print(f"::warning title=vcpd gate::no comment written: {_line(error)}")
        return 1
    if place is None:
        print("no pull request or no token: the job's summary holds the verdict")
        return 0
    try:
        print(f"comment {publish(place, text)}")
    except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
        print(f"::notice title=vcpd gate::no comment written ({_line(error)}); the job's summary holds the verdict")
    return 0


def _number(event: str) -> int | None:
    try:
        data = json.loads(Path(event).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = data.get("pull_request") if isinstance(data, dict) else None
    number = found.get("number") if isinstance(found, dict) else None
    return number if isinstance(number, int) else None


def _is_ours(comment: Mapping[str, Any], marker: str) -> bool:
    user = comment.get("user")
    by = user.get("type") if isinstance(user, Mapping) else None
    return by == "Bot" and str(comment.get("body") or "").startswith(marker)


def _call(place: Place, method: str, path: str, body: str | None = None) -> object:
    data = None if body is None else json.dumps({"body": body}).encode()
    headers = {
        "Authorization": f"Bearer {place.token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Content-Type": "application/json",
        "User-Agent": "vcpd",
    }
    request = urllib.request.Request(f"{place.api}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
        return json.loads(response.read() or b"null")


def _line(error: BaseException) -> str:
    """The error in one line without what a runner takes for a command."""
    return re.sub(r"[\x00-\x1f:]+", " ", str(error))[:200]


if __name__ == "__main__":
    sys.exit(main())
