"""Where Inspect kept the transcript of each sample, read off its logs without importing Inspect.

A `.eval` file is a ZIP archive with one `samples/<id>_epoch_<n>.json` a sample and a `header.json`. Members may be
compressed with Zstandard, which the standard library of older Pythons cannot read and Arrow can.
"""

import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..reports.views import LogLink

VIEWER = "http://127.0.0.1:7575"
"""Where `inspect view` listens unless told otherwise."""

_SAMPLE = re.compile(r"samples/(.+)_epoch_(\d+)\.json", re.S)
_ZSTD = 93
_MOST = 50_000_000  # bytes of a header


def log_links(folder: Path, manifest: Mapping[str, Any]) -> dict[tuple[str, str, str, int], LogLink]:
    """The log of every sample by (model, domain, sample_id, epoch); later logs go before earlier ones.

    Logs that cannot be read are left out: a link is a convenience, never evidence.
    """
    names = [m["name"] for m in manifest.get("identity", {}).get("models", []) if isinstance(m, Mapping)]
    found: dict[tuple[str, str, str, int], LogLink] = {}
    for path in sorted(folder.glob("*.eval")) if folder.is_dir() else ():
        try:
            with zipfile.ZipFile(path) as archive:
                header = json.loads(_member(path, archive.getinfo("header.json")))["eval"]
                inside = [_SAMPLE.fullmatch(name) for name in archive.namelist()]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, NotImplementedError):
            continue
        model = _name(str(header.get("model", "")), names)
        for match in inside:
            if match:
                key = (model, str(header.get("task", "")).rpartition("/")[2], match[1], int(match[2]))
                found[key] = LogLink(path.name, _url(path.name, match[1], int(match[2])))
    return found


def log_days(folder: Path) -> tuple[str, str] | None:
    """First and last day on which Inspect wrote a log there; None where there is none."""
    days = sorted(p.name[:10] for p in folder.glob("*.eval")) if folder.is_dir() else []
    days = [d for d in days if re.fullmatch(r"\d{4}-\d\d-\d\d", d)]
    return (days[0], days[-1]) if days else None


def _name(logged: str, names: list[str]) -> str:
    """The run's name of a model that Inspect knows by its provider's ("litellm/openai/gpt-4.1")."""
    for name in names:
        if logged in (name, f"litellm/{name}") or f"inspect:{logged}" == name:
            return name
    return logged.removeprefix("litellm/")


def _url(file: str, sample_id: str, epoch: int) -> str:
    return f"{VIEWER}/#/logs/{quote(file, safe='')}/samples/sample/{quote(sample_id, safe='')}/{epoch}/"


def _member(path: Path, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type != _ZSTD:
        with zipfile.ZipFile(path) as archive, archive.open(info) as member:
            return member.read(_MOST)
    import pyarrow as pa

    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        name, extra = struct.unpack("<HH", file.read(4))
        file.seek(name + extra, io.SEEK_CUR)
        packed = file.read(info.compress_size)
    data: bytes = pa.CompressedInputStream(io.BytesIO(packed), "zstd").read(_MOST)
    return data
