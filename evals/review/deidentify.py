"""What must not leave the run folder: names, record numbers, dates of birth, and privileged documents.

Rules, not a model: they find what is marked as such (a title or a label before a name, a number after "MRN") and the
names and patterns that the user lists. They are no proof of anonymity (45 CFR 164.514(b) asks for more); whoever sends
a file out reads it first. Patterns are bounded, so that hostile text cannot make them slow.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from .trail import digest

WITHHELD = "[withheld: marked as privileged]"
_NAME = r"[^\W\d_a-zß-öø-ÿ][\w'’\-]{1,40}"  # begins with a capital letter, or one of a script without case
_BEFORE = r"(?:(?:[A-Z]\.|van|von|de|del|der|di|la|bin|al)[ \t\u00a0]{1,2}){0,3}"  # initials and particles
_NAMES = rf"{_BEFORE}{_NAME}(?:[ \t\u00a0]{{1,2}}{_BEFORE}{_NAME}){{0,3}}"
_DATE = (
    r"(?:\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4}"
    r"|\d{1,2}(?:st|nd|rd|th)?[ \t]+(?:of[ \t]+)?[A-Za-zÀ-ÿ]{3,12}\.?,?[ \t]+\d{4}"
    r"|[A-Za-z]{3,12}\.?[ \t]+\d{1,2}(?:st|nd|rd|th)?,?[ \t]+\d{4})"
)
_RULES: tuple[tuple[str, str, int], ...] = (
    ("name", rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Sr|Sra)\.?[ \t\u00a0]+({_NAMES})", 0),
    (
        "name",
        r"\b(?i:(?:patient|client|full|first|last|family|given|sur|maiden)?[ \t]{0,2}name|patient|client|complainant"
        rf"|next of kin|guardian|attending)[ \t]{{0,3}}:[ \t]{{0,3}}({_NAMES})",
        0,
    ),
    ("name", rf"\b(?i:patient|client|named)[ \t]+({_NAME}[ \t]+{_NAME})", 0),
    (
        "record number",
        r"\b(?:(?:medical[ \t]+record|hospital|chart|record|patient|client|file|matter|account|member|insurance|policy"
        r"|case|NHS|social[ \t]+security|passport|SSN|MRN)[ \t]{0,2}(?:(?:number|no|nr|id|num)\b\.?|\#)"
        r"|MRN|SSN|(?:medical[ \t]+record|chart)(?=:))[ \t]{0,3}[:#]?[ \t]{0,3}"
        r"([A-Z0-9][A-Z0-9\-/.]{1,30}\d|\d{2,30})",
        re.IGNORECASE,
    ),
    ("record number", r"\b(\d{3}-\d{2}-\d{4}|\d{3}[ ]\d{3}[ ]\d{4})\b", 0),
    (
        "date of birth",
        rf"(?:\b(?:d\.?o\.?b\.?|date[ \t]+of[ \t]+birth|birth[ \t]?date|born(?:[ \t]+on)?)[ \t]{{0,3}}[:,]?[ \t]{{0,3}}"
        rf"|\*[ \t]?)({_DATE})",
        re.IGNORECASE,
    ),
)
_PRIVILEGED = (
    r"attorney[ \t\-–]{0,3}client[ \t]+(?:privilege|communication)|attorney[ \t]+work[ \t\-]+product"
    r"|(?:legally|legal(?:[ \t]+professional)?)[ \t]+privileged?\b|privileged[ \t]*(?:&|and|/)[ \t]*confidential"
    r"|confidential[ \t]*(?:&|and|/)[ \t]*privileged|without[ \t]+prejudice[ \t]+(?:and|save)\b|solicitor[ \t\-–]{0,3}"
    r"client[ \t]+privilege|prepared[ \t]+in[ \t]+anticipation[ \t]+of[ \t]+litigation|peer[ \t]+review[ \t]+privilege"
)


_WORD = re.compile(r"[^\W\d_][\w'’\-]{2,40}")
_NO_NAMES = frozenset(
    (
        "Justice",
        "Court",
        "President",
        "Chief",
        "Judge",
        "Lord",
        "Lady",
        "General",
        "Secretary",
        "Chairman",
        "the",
        "van",
    )
)
_MOST_NAMES = 500


class RulesError(ValueError):
    """A file of redaction rules that cannot be used; the message names file and field."""


@dataclass(frozen=True)
class Rules:
    """What is taken out.

    Attributes:
        names: Taken out wherever they stand as words, in any case.
        patterns: Regular expressions of the user's own, each with what it is called in the text.
        privileged: Further markers, as plain words, of documents that are withheld whole.
    """

    names: tuple[str, ...] = ()
    patterns: tuple[tuple[str, str], ...] = ()
    privileged: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Tells two sets of rules apart without showing them."""
        return digest([self.names, self.patterns, self.privileged, _RULES, _PRIVILEGED])

    @cached_property
    def _all(self) -> list[tuple[str, re.Pattern[str]]]:
        own = [(what, re.compile(pattern)) for what, pattern in self.patterns]
        if self.names:
            listed = "|".join(re.escape(name) for name in sorted(self.names, key=len, reverse=True))
            own.insert(0, ("name", re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)))
        return own + [(what, re.compile(pattern, flags)) for what, pattern, flags in _RULES]

    @cached_property
    def _markers(self) -> re.Pattern[str]:
        own = [re.escape(marker) for marker in self.privileged]
        return re.compile("|".join([_PRIVILEGED, *own]), re.IGNORECASE)

    def is_privileged(self, text: str) -> bool:
        """Whether the text carries a marker of privilege, and so may not leave at all."""
        return self._markers.search(text) is not None

    def named_in(self, texts: Iterable[str]) -> "Rules":
        """The rules, and each name that they find in one of the texts, wherever it stands without title or label."""
        found: set[str] = set()
        for text in texts:
            for what, pattern in self._all[-len(_RULES) :]:
                if what == "name":
                    found.update(word for m in pattern.finditer(text) for word in _WORD.findall(m[1]))
        words = sorted(word for word in found - _NO_NAMES if len(word) > 2)
        if not words:
            return self
        own = ("name", rf"(?<!\w)(?:{'|'.join(map(re.escape, words[:_MOST_NAMES]))})(?!\w)")
        return replace(self, patterns=(own, *self.patterns))

    def apply(self, text: str) -> "Redacted":
        """The text without what the rules find, and where its offsets went."""
        stretches = []
        for what, pattern in self._all:
            group = 1 if pattern.groups else 0
            stretches += [(*m.span(group), what) for m in pattern.finditer(text) if m.end(group) > m.start(group)]
        return _cut(text, sorted(stretches))


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text after redaction. cuts: (start, end, length of what stands there now), by place in the old text."""

    text: str
    cuts: tuple[tuple[int, int, int], ...] = ()

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the old text lies now; one that ends inside a cut takes in all of its replacement."""
        return self._at(start, is_end=False), self._at(end, is_end=True)

    def _at(self, place: int, *, is_end: bool) -> int:
        shift = 0
        for start, end, length in self.cuts:
            if place >= end:
                shift += length - (end - start)
            elif place > start:
                return start + shift + (length if is_end else 0)
            else:
                break
        return place + shift


def _cut(text: str, stretches: Sequence[tuple[int, int, str]]) -> Redacted:
    """The stretches, which may overlap, replaced by what they are called."""
    merged: list[tuple[int, int, str]] = []
    for start, end, what in stretches:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), merged[-1][2])
        else:
            merged.append((start, end, what))
    parts, cuts, at = [], [], 0
    for start, end, what in merged:
        said = f"[{what}]"
        parts += [text[at:start], said]
        cuts.append((start, end, len(said)))
        at = end
    return Redacted("".join([*parts, text[at:]]), tuple(cuts))


def read_rules(path: Path | None) -> Rules:
    """The built-in rules, with those of a TOML file: `names`, `privileged` (lists) and `[patterns]` (name = regex).

    Raises:
        RulesError: The file cannot be read, or holds something else; names file and field.
    """
    if path is None:
        return Rules()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RulesError(f"{path}: cannot be read as TOML ({error})") from error
    if unknown := sorted(values.keys() - {"names", "patterns", "privileged"}):
        raise RulesError(f"{path}, field '{unknown[0]}': is not known; known are names, patterns and privileged")
    lists = {name: values.get(name, []) for name in ("names", "privileged")}
    for name, found in lists.items():
        if not isinstance(found, list) or not all(isinstance(x, str) and x.strip() for x in found):
            raise RulesError(f"{path}, field '{name}': a list of texts is needed")
    return Rules(tuple(lists["names"]), _patterns(path, values.get("patterns", {})), tuple(lists["privileged"]))


def _patterns(path: Path, values: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(values, dict):
        raise RulesError(f"{path}, field 'patterns': a table of regular expressions by name is needed")
    for name, pattern in values.items():
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise RulesError(f"{path}, field 'patterns.{name}': is no regular expression ({error})") from error
    return tuple(sorted(values.items()))
