"""Secrets of a configuration are not written down."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.config import read_config
from vcpd.evals.pack_fields import PackError
from vcpd.evals.redaction import redacted


def test_secrets_are_hidden_at_any_depth() -> None:
    args = {
        "api_key": "S1",
        "extra_headers": {"Authorization": "S2"},
        "nested": {"list": [{"Cookie": "S3", "depth": 2}]},
        "proxy": "http://user:S4@host/path",
        "when": date(2024, 1, 1),
        "nan": float("nan"),
        "max": 3,
    }
    written = json.dumps(redacted(args), allow_nan=False)
    assert not any(f"S{i}" in written for i in range(1, 5))
    assert redacted(args)["nested"] == {"list": [{"Cookie": "(hidden)", "depth": 2}]}
    assert redacted(args)["proxy"] == "http://(hidden)@host/path"
    assert (redacted(args)["max"], redacted(args)["when"], redacted(args)["nan"]) == (3, "2024-01-01", "nan")


def test_a_password_in_an_address_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('[[models]]\nname = "openai/x"\nargs = { base_url = "http://me:pw@host" }\n')
    with pytest.raises(PackError, match=r"run.toml, line 3, \[models\[1\]\.args\], field 'base_url'"):
        read_config(path)


def test_nothing_secret_reaches_the_run_folder(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(
        'domains = ["general"]\nlimit = 1\n[[models]]\nname = "openai/nowhere"\n'
        'args = { base_url = "http://127.0.0.1:9", api_key = "SECRETKEY", '
        'extra_headers = { Authorization = "Bearer SECRETHDR" } }\n'
        "config = { max_retries = 0, timeout = 5 }\n"
    )
    assert run_cli(["run", str(tmp_path / "run.toml"), "--out", str(tmp_path / "out"), "--quiet"]) == 69
    texts = [p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file() and p.suffix != ".eval"]
    for log in (tmp_path / "out").rglob("*.eval"):
        with zipfile.ZipFile(log) as archive:
            texts += [archive.read(name) for name in archive.namelist()]
    assert len(texts) > 2
    assert not any(b"SECRETKEY" in text or b"SECRETHDR" in text for text in texts)
