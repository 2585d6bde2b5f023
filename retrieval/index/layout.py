"""Where the files of an index are, and which of them count.

INDEX/index.json          says which generation counts; replaced in one step when a generation is complete
INDEX/generation-N/       arrays and texts, never changed once written
INDEX/parts.sqlite3       what the next indexing can take over
"""

import json
import os
from pathlib import Path
from typing import Any

FORMAT = 1
HEAD = "index.json"


class BrokenIndexError(ValueError):
    """An index that cannot be opened; the message says why and what to do."""


def is_index(path: Path) -> bool:
    """Whether `path` is the folder of an index, finished or not."""
    return (path / HEAD).is_file()


def read_head(folder: Path) -> dict[str, Any]:
    """What `index.json` says: format, generation, settings, counts, problems.

    Raises:
        BrokenIndexError: No finished index, another format, or files that are not as they were written.
    """
    path = folder / HEAD
    if not path.is_file():
        raise BrokenIndexError(f"{folder} holds no finished index: run vcpd index FOLDER --out {folder}")
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        form, sizes, generation = head["format"], dict(head["files"]), folder / str(head["generation"])
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenIndexError(f"{path} is damaged ({error}): index the folder again") from error
    if form != FORMAT:
        raise BrokenIndexError(
            f"{folder} is an index of format {form}, this version reads {FORMAT}: index the folder again"
        )
    for name, size in sizes.items():
        file = generation / name
        if not file.is_file() or file.stat().st_size != size:
            raise BrokenIndexError(f"{file} is missing or not as it was written: index the folder again")
    return dict(head)


def publish(folder: Path, generation: Path, head: dict[str, Any]) -> None:
    """Make `generation` the one that counts: everything is on disk before the name is changed."""
    sizes = {}
    for path in sorted(generation.iterdir()):
        _to_disk(path)
        sizes[path.name] = path.stat().st_size
    aside = folder / (HEAD + ".tmp")
    whole = {"format": FORMAT, "generation": generation.name, **head, "files": sizes}
    aside.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    _to_disk(aside)
    os.replace(aside, folder / HEAD)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
