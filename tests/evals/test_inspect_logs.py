"""Samples found in Inspect's logs without Inspect; damaged logs give no link and no error."""

import json
import zipfile
from pathlib import Path

from vcpd.evals.inspect_logs import log_days, log_links

MANIFEST = {"identity": {"models": [{"name": "acme/m"}, {"name": "inspect:google/g"}]}}


def log(folder: Path, name: str, model: str, samples: list[str], task: str = "legal") -> None:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({"eval": {"model": model, "task": task}}))
        for sample in samples:
            archive.writestr(f"samples/{sample}.json", "{}")


def test_links_by_model_domain_sample_and_epoch(tmp_path: Path) -> None:
    log(tmp_path, "2026-01-02T_a.eval", "litellm/acme/m", ["s 1/x_epoch_1", "s_epoch_2_epoch_10"], "vcpd/legal")
    log(tmp_path, "2026-01-04T_b.eval", "google/g", ["s_epoch_1"])
    log(tmp_path, "2026-01-05T_c.eval", "google/g", ["s_epoch_1"])
    (tmp_path / "2026-01-09T_d.eval").write_bytes(b"no archive")
    found = log_links(tmp_path, MANIFEST)
    assert set(found) == {
        ("acme/m", "legal", "s 1/x", 1),
        ("acme/m", "legal", "s_epoch_2", 10),
        ("inspect:google/g", "legal", "s", 1),
    }
    link = found["acme/m", "legal", "s 1/x", 1]
    assert link.url == "http://127.0.0.1:7575/#/logs/2026-01-02T_a.eval/samples/sample/s%201%2Fx/1/"
    assert found["inspect:google/g", "legal", "s", 1].file == "2026-01-05T_c.eval"
    assert log_days(tmp_path) == ("2026-01-02", "2026-01-09")


def test_a_run_without_logs_has_no_links(tmp_path: Path) -> None:
    assert log_links(tmp_path / "logs", MANIFEST) == {}
    assert log_days(tmp_path / "logs") is None
    with zipfile.ZipFile(tmp_path / "x.eval", "w") as archive:
        archive.writestr("header.json", "[]")
    assert log_links(tmp_path, {}) == {}
    assert log_days(tmp_path) is None
