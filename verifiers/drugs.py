"""Names of medicines in running text: INN, USAN and BAN, brands, case, hyphens; the salt is passed over."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from ..retrieval.passages import Span

_WORD = re.compile(r"[^\W\d_]{3,40}(?:-[^\W\d_]{3,40})?")
_DOSED = re.compile(
    r"(?:\b(?P<before>[A-Z][a-z]{3,30})|\A(?P<first>[a-z]{5,30}))"
    r"(?=[*_]{0,3}(?:\s(?:tablets?|capsules?|injection))?[ \u00a0]\d[\d.,]{0,8}[ \u00a0]?"
    r"(?:mg|mcg|micrograms?|\u00b5g|\u03bcg|g|IU|units?)\b)"
    r"|\b(?:mg|mcg|micrograms?|\u00b5g|\u03bcg|IU|units)\sof\s(?P<after>[a-z]{5,30})\b"
)
_NOT_DOSED = frozenset(
    {"give", "take", "inject", "infuse", "start", "adding", "dose", "doses", "maximum", "minimum", "reduce", "increase",
     "only", "about", "approximately", "around", "nearly", "over", "under", "with", "from", "total", "daily", "oral",
     "usual", "initial", "initially", "than", "then", "administer", "administering", "swallow", "inhale", "apply",
     "adult", "adults", "child", "children", "infants", "patients", "women", "least", "every", "intravenous", "use",
     "receiving", "taking", "titrate", "continue", "after", "before", "each", "some", "repeat", "consider", "tablets",
     "capsules", "contains", "containing", "weighing", "between", "below", "above", "exactly", "more", "less",
     "active", "these", "those", "other", "either", "elemental", "which", "solution", "water", "their", "soluble",
     "regular", "study", "liquid", "powder", "product", "medicine", "medication", "added", "protein", "sugar"}
)  # fmt: skip
_SHORTEST = 6  # letters of a word that is known by its ending alone
_BOUND = re.compile(r"[;:.]\s|\n|\b(?:versus|vs|whereas|while)\b")
_RIGHT_AFTER = re.compile(r"(?:\s(?:of|oral|intravenous|the))?\s?\Z", re.I)


@dataclass(frozen=True, slots=True)
class FoundDrug:
    """One mention of a medicine: its nonproprietary name in lower case, and its place in the text.

    `is_known`: by the table or by its ending; otherwise a dose beside it tells.
    """

    name: str
    span: Span
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class DrugNames:
    """The table `drug_names.toml`, ready to look words up in.

    Attributes:
        known: Every name in lower case, to the one that stands for all of them.
        phrases: Pattern of the names of two words.
        endings: Endings that make a word the name of a medicine.
        ordinary: Words that have such an ending and name none.
    """

    known: dict[str, str]
    phrases: re.Pattern[str]
    endings: tuple[str, ...]
    ordinary: frozenset[str]


@cache
def drug_names() -> DrugNames:
    """The bundled table, read once."""
    table = tomllib.loads(files(__package__).joinpath("drug_names.toml").read_text(encoding="utf-8"))
    known = {other: name for name, others in table["same"].items() for other in (name, *others)}
    known |= {brand: known.get(name, name) for brand, name in table["brands"].items()}
    two = "|".join(re.escape(name).replace(r"\ ", r"[\s-]") for name in known if " " in name)
    spelling = table["spelling"]
    return DrugNames(
        known,
        re.compile(rf"\b(?:{two})\b", re.IGNORECASE),
        tuple(spelling["stems"]),
        frozenset(spelling["not"]),
    )


def find_drugs(text: str) -> list[FoundDrug]:
    """Medicines named in `text`, in order; "Tylenol", "Acetaminophen" and "paracetamol" have one name.

    Known are the names of the table, words with the ending of a nonproprietary name, and a capitalised word before a
    dose ("Zolvane 40 mg"); any other word is none.
    """
    names = drug_names()
    found = [FoundDrug(names.known[_plain(m.group())], Span(*m.span())) for m in names.phrases.finditer(text)]
    taken = {n for drug in found for n in range(drug.span.start, drug.span.end)}
    for match in _DOSED.finditer(text):
        group = str(match.lastgroup)
        word = match[group].casefold()
        if word not in _NOT_DOSED and match.start(group) not in taken and not _of_word(word):
            found.append(FoundDrug(word, Span(*match.span(group)), False))
    for match in _WORD.finditer(text):
        of_word = _of_word(match.group())
        if of_word and match.start() not in taken:
            at = match.start()
            found += [FoundDrug(name, Span(at + start, at + end)) for name, start, end in of_word]
    return sorted(found, key=lambda d: d.span) if len(found) > 1 else found


def _plain(words: str) -> str:
    return " ".join(words.casefold().replace("-", " ").split())


@lru_cache(maxsize=65_536)
def _of_word(word: str) -> tuple[tuple[str, int, int], ...]:
    """The medicine that a word names, and where in it; both of "sacubitril-valsartan"; () where it names none."""
    word = word.lower()
    found, at = [], 0
    for part in (word,) if word in drug_names().known else word.split("-"):
        if name := _name(part):
            found.append((name, at, at + len(part)))
        at += len(part) + 1
    return tuple(found)


def _name(word: str) -> str:
    names = drug_names()
    if word in names.known:
        return names.known[word]
    is_drug = len(word) >= _SHORTEST and word.endswith(names.endings) and word not in names.ordinary
    return word if is_drug else ""


def bind_doses(text: str, drugs: Sequence[FoundDrug], doses: Sequence[Span]) -> list[str]:
    """For each place of a dose the medicine that it belongs to, "" where it belongs to none.

    "10 mg of ramipril" and "10 mg ramipril": the one right after. Otherwise the last one before it in its clause.
    """
    return [_owner(text, drugs, dose) for dose in doses]


def _owner(text: str, drugs: Sequence[FoundDrug], dose: Span) -> str:
    after = next((d for d in drugs if d.span.start >= dose.end), None)
    if after is not None and after.span.start - dose.end < 15 and _RIGHT_AFTER.match(text, dose.end, after.span.start):
        return after.name
    before = next((d for d in reversed(drugs) if d.span.end <= dose.start), None)
    if before is None or _BOUND.search(text, before.span.end, dose.start):
        return ""
    return before.name
