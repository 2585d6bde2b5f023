"""What `sources.toml` says of the files of a folder: who published them, when, where they bind, on what terms."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..document_rows import OPTIONAL_FIELDS, CorpusError, optional_fields
from .folder import METADATA


@dataclass(frozen=True, slots=True)
class FileRule:
    """Fields that hold for the files whose path matches `pattern` ("statutes/*.pdf")."""

    pattern: str
    fields: dict[str, Any]


def read_rules(folder: Path) -> list[FileRule]:
    """The rules of `sources.toml` at the top of `folder`; none where there is no such file.

    One table `[[files]]` a rule: `match`, a pattern of paths, and any optional field of a document. Where several
    match a file the later one goes before the earlier, field by field.

    Raises:
        CorpusError: Not TOML, an unknown or a wrong field; names file, rule and field.
    """
    path = folder / METADATA
    if not path.is_file():
        return []
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"{path}: not valid TOML ({error})") from error
    tables = data.get("files", [])
    if not isinstance(tables, list) or set(data) - {"files"}:
        raise CorpusError(f"{path}: holds tables [[files]] and nothing else")
    return [_rule(table, f"{path}, [[files]] {number}") for number, table in enumerate(tables, 1)]


def _rule(table: Any, where: str) -> FileRule:
    if not isinstance(table, dict) or not isinstance(table.get("match"), str):
        raise CorpusError(f'{where}: field match: a pattern of paths such as "statutes/*.pdf" expected')
    unknown = sorted(set(table) - {"match", *OPTIONAL_FIELDS})
    if unknown:
        raise CorpusError(f"{where}: field {unknown[0]}: is not known; known are match, {', '.join(OPTIONAL_FIELDS)}")
    plain = {name: value.isoformat() if isinstance(value, Date) else value for name, value in table.items()}
    return FileRule(table["match"], optional_fields(plain, where))


def fields_for(path: str, rules: Sequence[FileRule]) -> dict[str, Any]:
    """The fields that `rules` give the file at `path`."""
    fields: dict[str, Any] = {}
    for rule in rules:
        if fnmatchcase(path, rule.pattern):
            fields |= rule.fields
    return fields
