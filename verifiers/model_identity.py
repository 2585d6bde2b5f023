"""Which model it was, to the byte: library versions, name, and revision or hash of the files."""

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
_DIGITS = 12
_KINDS = (".json", ".safetensors", ".bin", ".onnx", ".model", ".txt", ".py")


def identity_of(model: str, revision: str | None, config: Any, library: str = "") -> str:
    """E.g. "sentence-transformers 6.2.0, transformers 5.24.0, torch 2.13.0, acme/nli@0f3c2a9b1d4e".

    For a folder the hash covers the configuration, the tokenizer, the weights and any code, so that another training
    under the same name is another model. A download without a known commit is marked "@unknown".
    """
    libraries = [name for name in (library, "transformers", "torch") if name]
    what = f"{short_name(model)}@{_revision(model, revision, config)}"
    return ", ".join([*(f"{name} {_version(name)}" for name in libraries), what])


def short_name(model: str) -> str:
    """The name of a model as reports show it: of a folder only the last part, not where it lies on this machine."""
    return Path(model).resolve().name if Path(model).is_dir() else model


def _revision(model: str, revision: str | None, config: Any) -> str:
    folder = Path(model)
    if folder.is_dir():
        return f"sha256:{_folder_hash(folder)}"
    commit = getattr(config, "_commit_hash", None) or revision
    return str(commit)[:_DIGITS] if commit else "unknown"


def _folder_hash(folder: Path) -> str:
    hashed = sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _KINDS):
        hashed.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                hashed.update(block)
    return hashed.hexdigest()[:_DIGITS]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
