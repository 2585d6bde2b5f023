"""Texts that want to be more than text, and a run folder full of them."""

import json
from pathlib import Path
from typing import Any

from vcpd.evals.cli import run_cli

LONG_WORD = "q" * 100_000
HOSTILE = {
    "script": "<script>window.pwned = 1</script>",
    "attribute": '"><img src=x onerror="window.pwned = 2">',
    "link": "[click](javascript:window.pwned=3) javascript:alert(4)",
    "markdown": "**bold** | a | b |\n|---|---|\n# heading ![i](http://evil.example/i.png)",
    "formula": "=HYPERLINK(\"http://evil.example\";\"x\")",
    "command": "+cmd|' /C calc'!A0",
    "terminal": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m \x00 \x08\x08",
    "direction": "safe \u202e txet desrever \u2066 hidden \u200b",
    "template": "{{ 7 * 7 }} {% raw %} ${7*7} <%= 7 %>",
    "comment": "--> <!-- </style></title></textarea> ]]> &lt;b&gt; &amp;",
    "style": "</style><style>body { display: none }</style>",
    "svg": "<svg onload=window.pwned=5> <math><mtext></p>",
    "surrogate": "half \ud83d pair",
    "word": LONG_WORD,
}  # fmt: skip


def hostile_rows(model: str = "m") -> list[dict[str, Any]]:
    """Two answers of each kind, one right and one wrong as people said; names and ids hostile too where they may be."""
    rows = []
    for i, (name, text) in enumerate(HOSTILE.items()):
        short = text if len(text) < 1000 else name
        rows += [
            {
                "sample_id": f"{name}-{n}" if "\ud83d" in short else f"{short}-{n}"[:200],
                "model": model,
                "domain": "bridges",
                "question": f"What is it? {text}",
                "answer": f"It was opened in 1973 [1]. It says {text} [2]. {text} [9].\nConfidence: {60 + i}%",
                "sources": [
                    {"doc_id": "guide", "text": f"Opened in 1937. {text}", "title": text, "url": "javascript:1"},
                    {"doc_id": "other", "text": f"It says {text}", "source": text},
                ],
                "target": f"1937 {text}",
                "risk_tier": "high" if i % 5 == 0 else "standard",
                "human": {"outcome": "incorrect", "harm_class": ("minor", "moderate", "severe")[i % 3]}
                if n
                else {"outcome": "correct"},
            }
            for n in (0, 1)
        ]  # fmt: skip
    return rows


def hostile_run(folder: Path) -> Path:
    """A finished run of the hostile answers."""
    file = folder / "answers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in hostile_rows()))
    assert run_cli(["score", str(file), "--out", str(folder / "run"), "--quiet", "--labels", "human"]) == 0
    return folder / "run"
