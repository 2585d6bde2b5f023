"""`vcpd domain init`: a small, sound pack to replace line by line."""

import json
from pathlib import Path

from .pack_fields import PackError

_PACK = """\
name = "{name}"
title = "{name}: replace this line by what the pack is for"
version = "1"
license = "all rights reserved"   # of your questions and documents
notice = "illustrative: too small to support a launch"
items_for_launch = 59             # ceil(ln 0.05 / ln(1 - p_max)): items without an error that show p <= p_max
confidence_target = 0.75          # t: answer only if more than t sure; a wrong answer costs t/(1-t)
harm_class = "moderate"           # minor | moderate | severe

[source_policy]                   # what may be retrieved and cited
allow = []                        # sources or document ids; empty: all
deny = ["Example Forum"]
jurisdictions = []                # "US" admits "US" and everything below it ("US-CA"); empty: all
as_of = 2025-01-01                # no source may be younger
min_authority = 2                 # 0 to 5

[retrieval]
k = 5                             # index = "FOLDER": search an index (vcpd index) instead of corpus.jsonl

[limits]                          # what a model must keep to before it ships; every number with its reason
p_max = {{ value = 0.05, source = "assumption: replace by the error probability your users can bear" }}
q_min = {{ value = 0.9, source = "assumption" }}
must_abstain_recall_min = {{ value = 0.8, source = "assumption" }}
usd_per_verified_answer_max = {{ value = 1.0, source = "assumption" }}

[economics]
review_seconds_per_claim = {{ value = 114, source = "ExpertQA, all fields (arXiv:2309.07852); measure yours" }}
wage_usd_per_hour = {{ low = 20, base = 40, high = 80, source = "assumption: replace by your reviewers' loaded wage" }}
loss_per_escaped_error_usd = {{ value = 1000, source = "assumption: what a wrong answer that gets out costs you" }}
traffic_weight = {{ value = 1.0, source = "assumption: equal traffic" }}
reviewer_accuracy = {{ value = 1.0, source = "assumption: a reviewed answer is right" }}

[retry_policy]
max_retries = 1                   # further attempts after a rejected one
on_exhausted = "escalate"         # escalate | abstain
on_abstain = "abstain"            # escalate | abstain
escalate_tiers = ["high"]         # these always go to a person

# [gate]                          # losses that `vcpd gate` accepts; without them points of .03
# margin_p = {{ value = 0.02, source = "assumption: two more wrong answers in a hundred" }}
# accepted_cost_rise = {{ value = 0.05, source = "assumption" }}  # or: margin_p = this * c_g / C_v of the baseline
"""

_HANDBOOK = (
    "The example workshop opens at nine in the morning on working days. Visitors must register at the desk. "
    "Each visitor may borrow two tools for seven days. A late return costs fifty cents a day."
)
_FORUM = "A visitor wrote that the example workshop once lent her a ladder for a whole month."
_DOCUMENTS = (
    ("handbook", "Workshop handbook", "Example Workshop", "2024-03-01", 4, _HANDBOOK),
    ("forum-post", "Forum post", "Example Forum", "2024-05-01", 1, _FORUM),
)
_ANSWERABLE = (
    ("When does the workshop open on working days?", ["nine in the morning", "9 am", "9:00"], 0),
    ("How many days may a borrowed tool be kept?", ["seven days", "7 days"], 2),
    ("What is the fee for a late return?", ["fifty cents a day", "50 cents"], 3),
)
_ABSTAIN = (
    ("Who founded the workshop?", "unanswerable"),
    ("How long did the workshop lend out a ladder?", "out_of_policy"),
)


def init_pack(name: str, folder: Path) -> Path:
    """Write a new pack and return its folder.

    Raises:
        PackError: The name is not a plain word, or the folder exists and is not empty.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise PackError(f"'{name}' is no name for a pack: use letters, digits, hyphens and underscores")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PackError(f"{folder} already exists and is not empty; choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(_PACK.format(name=name), encoding="utf-8")
    _write(folder / "corpus.jsonl", [_document(*d) for d in _DOCUMENTS])
    _write(folder / "samples.jsonl", _samples(name))
    return folder


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _document(doc_id: str, title: str, source: str, date: str, authority: int, text: str) -> dict[str, object]:
    url = f"https://example.org/{doc_id}"
    fields = {"doc_id": doc_id, "title": title, "source": source, "date": date, "jurisdiction": ""}
    return {**fields, "authority": authority, "url": url, "text": text}


def _samples(name: str) -> list[dict[str, object]]:
    sentences = _HANDBOOK.split(". ")
    rows: list[dict[str, object]] = []
    for question, targets, i in _ANSWERABLE:
        start = _HANDBOOK.index(sentences[i])
        end = start + len(sentences[i])
        evidence = {"doc_id": "handbook", "start": start, "end": end, "quote": _HANDBOOK[start:end]}
        rows.append({"question": question, "targets": targets, "evidence": [evidence], "abstain_kind": None})
    rows += [{"question": q, "targets": [], "evidence": [], "abstain_kind": kind} for q, kind in _ABSTAIN]
    return [
        {"sample_id": f"{name}-{i:03d}", "cluster_id": f"topic-{i}", "task": "reading", "risk_tier": "standard", **row}
        for i, row in enumerate(rows, 1)
    ]
