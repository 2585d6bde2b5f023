"""Imports go one way, each heavy library has one door, and nothing heavy loads before it is needed."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "scoring": set(),
    "retrieval": {"scoring"},
    "verifiers": {"scoring", "retrieval"},
    "reports": {"scoring"},
    "evals": {"scoring", "retrieval", "verifiers", "reports"},
}
DOORS = {
    "inspect_ai": {
        *("evals/inspect_tasks.py", "evals/inspect_provider.py", "evals/inspect_judges.py"),
        *("evals/messages.py", "evals/_registry.py"),
    },
    "litellm": {"evals/models.py", "evals/local_models.py"},
    "aiohttp": {"evals/load_client.py"},
    "tenacity": {"evals/inspect_provider.py"},
    "datasets": {"evals/importers/hub.py"},
    "fsspec": {"evals/gate_baseline.py"},
    "bm25s": {"retrieval/bm25.py"},
    "eyecite": {"verifiers/reporters.py"},
    "pypdf": {"retrieval/ingestion/pdf_text.py"},
    "docx": {"retrieval/ingestion/docx_text.py"},
    "resvg_py": {"reports/raster.py"},
    "weasyprint": {"reports/pdf.py"},
    "matplotlib": {"reports/plotting.py"},
    "tiktoken": {"evals/token_counts.py"},
    "sentence_transformers": {"verifiers/cross_encoder_models.py", "retrieval/encoders.py"},
    "transformers": {"verifiers/transformer_models.py", "verifiers/minilm.py", "retrieval/encoders.py"},
    "torch": {"verifiers/transformer_models.py", "verifiers/minilm.py"},
}
FILES = sorted(p for room in MAY_IMPORT for p in (ROOT / room).rglob("*.py"))
HEAVY = (
    "inspect_ai",
    "litellm",
    "datasets",
    "pandas",
    "numpy",
    "scipy",
    "eyecite",
    "bm25s",
    "pyarrow",
    "rich",
    "aiohttp",
    "matplotlib",
)


def imported(path: Path) -> Iterator[str]:
    """Top-level names: other libraries, and rooms of this package whether imported relatively or not."""
    name = path.relative_to(ROOT)
    package = ("vcpd", *name.parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (_top(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            if node.module:
                yield _top(".".join([*base, *node.module.split(".")]))
            else:
                yield from (_top(".".join([*base, alias.name])) for alias in node.names)


def _top(dotted: str) -> str:
    parts = dotted.split(".")
    return (parts[1] if len(parts) > 1 else "") if parts[0] == "vcpd" else parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_go_down_and_use_the_doors(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    room = name.split("/")[0]
    for top in imported(path):
        assert top not in MAY_IMPORT or top == room or top in MAY_IMPORT[room], f"{name} imports {top}"
        assert top not in DOORS or name in DOORS[top], f"{name} imports {top}; its door is {DOORS[top]}"


def test_every_package_is_listed_for_installation() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {".".join(("vcpd", *p.parent.relative_to(ROOT).parts)) for p in FILES}
    assert listed == found | {"vcpd"}


@pytest.mark.parametrize("module", ["vcpd", "vcpd.evals.cli", "vcpd.scoring.records", "vcpd.verifiers.verdict"])
def test_nothing_heavy_loads_with_the_command_line_or_the_types(module: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_scoring_numbers_load_no_model_library() -> None:
    code = (
        "import sys, vcpd.scoring.summary; print(*[m for m in ('inspect_ai','litellm','pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_no_file_is_a_room_of_its_own() -> None:
    long = {p.relative_to(ROOT).as_posix(): n for p in FILES if (n := len(p.read_text().splitlines())) > 400}
    assert not long
