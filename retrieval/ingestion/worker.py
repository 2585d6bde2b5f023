"""The process that reads files: one request a line on stdin, the units on stdout. Started by `workers`.

It holds no secret, writes no file and ends with its parent's pipe; a file that crashes it, hangs it or eats its memory
costs that file and nothing else.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ..document_rows import CorpusError
from .folder import read_file
from .parsed import Limits, MissingParserError, UnreadableError
from .units import content_key, encoded, file_key, unit_of_file, unit_of_row


def main() -> None:
    """Answer requests until stdin ends: a line with keys, problems and sizes, then the units themselves."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not stand between two answers
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limits = Limits(**request["limits"])
        _limit_memory(limits.memory_bytes)
        made = [_answer(item, request["max_words"], limits) for item in request["items"]]
        head = [{"key": key, "problem": problem, "size": len(body)} for key, problem, body in made]
        out.write(json.dumps(head).encode() + b"\n")
        for _, _, body in made:
            out.write(body)
        out.flush()


def _answer(item: dict[str, Any], max_words: int, limits: Limits) -> tuple[str, str, bytes]:
    """Key, problem ("" if none) and unit of one file or line."""
    try:
        if "line" in item:
            line = item["line"]
            key = content_key(line.encode("utf-8", "surrogatepass"))
            return key, "", encoded(unit_of_row(line, item["where"], max_words))
        data = read_file(Path(item["root"]), item["path"], limits.file_bytes)
        return file_key(data, item["kind"]), "", encoded(unit_of_file(item["kind"], data, max_words, limits))
    except (UnreadableError, MissingParserError, CorpusError) as error:
        return "", str(error), b""
    except MemoryError:
        return "", f"takes more than {limits.memory_bytes // 2**20} MiB of memory to read", b""
    except RecursionError:
        return "", "is nested too deeply to be read", b""
    except OSError as error:
        return "", f"cannot be read: {error.strerror or error}", b""


def _limit_memory(size: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, ValueError, OSError):
        return  # not every system can; the time limit still holds


if __name__ == "__main__":
    main()
