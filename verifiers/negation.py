"""Which words of a text are negated, and which words are opposites."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ..retrieval import tokens
from .negation_scope import negated_scopes


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_CUES = _words(
    "not no never without neither nor none cannot nobody nothing nowhere hardly scarcely lack lacks lacked lacking "
    "absent fails failed refused refuses denied denies"
)
# Words that turn or weaken a statement without the form of a negation: beside them nothing is called a contradiction.
_WEAK = _words(
    "rather instead avoid avoids avoiding avoided prevent prevents preventing prevented unable impossible difficult "
    "unlikely unless if only stop stops stopped loses lost free rarely seldom unlike opposed exclude excludes "
    "excluding otherwise regardless"
)
_SKIPPED = _words(
    "from into by with on at about than over within upon under through between out up "
    "a an the any be been being is are was were to of in for by have has had do does did as so very necessarily "
    "always only "
    "yet all that it this these those his her their its our my your such ever also been"
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
# "No. 5", "not only", "no later than", "no doubt", "not limited to": these negate nothing.
_IDIOM = re.compile(
    r"\b(?:nos?\.\s?(?=\d)|no(?=,)|not\s(?:only|just|merely|limited|to\smention)|no\s(?:later|earlier|more|less|"
    r"fewer|longer\sthan|greater|sooner|doubt|"
    r"matter)|cannot\s(?:but|help)|nothing\s(?:but|more)|not\s(?:more|less|later|fewer|greater)|none\s?the\s?less|"
    r"nonetheless|never\s?theless)\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.;!?]\s")
_SCOPED = re.compile(r"\b(?:no|not|never|without|den(?:ie|y)|negative|absen|free|rule)|n't\b", re.IGNORECASE)
_PAIRS = (
    "indicated contraindicated|lawful unlawful|legal illegal|constitutional unconstitutional|valid invalid|effective "
    "ineffective|"
    "admissible inadmissible|enforceable unenforceable|reasonable unreasonable|significant insignificant|safe "
    "unsafe|safe dangerous|safe contraindicated|recommended contraindicated|"
    "liable immune|guilty innocent|guilty acquitted|granted denied|affirmed reversed|affirmed vacated|upheld "
    "overturned|"
    "upheld invalidated|increased decreased|increase decrease|increases decreases|increases reduces|increased reduced|"
    "increase reduce|increasing decreasing|higher lower|raises lowers|raise lower|raised lowered|improved "
    "worsened|improves worsens|"
    "permitted prohibited|permits prohibits|allowed prohibited|allowed forbidden|allows prohibits|mandatory optional|"
    "required optional|necessary unnecessary|possible impossible|likely unlikely|able unable|available unavailable|"
    "appropriate inappropriate|adequate inadequate|sufficient insufficient|complete incomplete|correct incorrect|"
    "maximum minimum|positive negative|malignant benign|acute chronic|hypertension hypotension|hyperglycemia "
    "hypoglycemia|"
    "tachycardia bradycardia|before after|above below|always never|agonist antagonist|included excluded|includes "
    "excludes|"
    "accepted rejected|accepts rejects|approved rejected|succeeded failed|won lost|plaintiff defendant|oral intravenous"
)
_OPPOSITES: dict[str, frozenset[str]] = {}


def _opposites() -> dict[str, frozenset[str]]:
    if not _OPPOSITES:
        found: dict[str, set[str]] = {}
        for pair in _PAIRS.split("|"):
            one, other = (stem(word) for word in pair.split())
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        _OPPOSITES.update({word: frozenset(others) for word, others in found.items()})
    return _OPPOSITES


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a word, as `retrieval.tokens` gives it; remembered."""
    return tokens.stem(word)


def opposites_of(word: str) -> frozenset[str]:
    """The stems that say the contrary of the stem `word`; empty where none is known."""
    return _opposites().get(word, frozenset())


@dataclass(frozen=True, slots=True)
class Polarity:
    """Stems that a text asserts, and those that a negation governs, each with the place of its first use.

    `hedges`: words of the text that turn or weaken a statement ("rather than", "avoid", "if"). `ruled_out`: those of
    the negated stems that stand within the reach of a negation which says how far it reaches ("denies ... or ...").
    """

    asserted: dict[str, tuple[int, int]]
    negated: dict[str, tuple[int, int]]
    hedges: frozenset[str] = frozenset()
    ruled_out: frozenset[str] = frozenset()

    def surely(self, word: str) -> bool:
        """Whether the stem `word` is asserted and nothing negates it, the reach of every negation being known."""
        return word in self.asserted and word not in self.negated and self.negated.keys() <= self.ruled_out


def polarity(text: str) -> Polarity:
    """What `text` asserts and negates.

    A negation governs the next word that is not a function word ("is not indicated": "indicated"); the cue's own place
    is where the negated stem is said to stand. One with an explicit reach ("no evidence of ...") governs all of it.
    Double negation is not resolved.
    """
    asserted: dict[str, tuple[int, int]] = {}
    negated: dict[str, tuple[int, int]] = {}
    idioms = {m.start() for m in _IDIOM.finditer(text)}
    cue: tuple[int, int] | None = None
    hedges: set[str] = set()
    scopes = negated_scopes(text) if _SCOPED.search(text) else []
    inside = {n for scope in scopes for n in range(scope.start, scope.end)}
    ruled_out: set[str] = set()
    for match in _WORD.finditer(text):
        if cue is not None and _STOP.search(text, cue[1], match.start()):
            negated.setdefault("", cue)
            cue = None
        word = match.group().casefold().replace("\u2019", "'")
        if (word in _CUES or word.endswith("n't")) and match.start() not in idioms:
            cue = match.span()
            continue
        if word in _WEAK:
            hedges.add(word)
        if word in _SKIPPED:
            continue
        if match.start() in inside:
            ruled_out.add(stem(word))
            negated.setdefault(stem(word), (cue[0] if cue else match.start(), match.end()))
            cue = None
        elif cue is not None:
            negated.setdefault(stem(word), (cue[0], match.end()))
            cue = None
        else:
            asserted.setdefault(stem(word), match.span())
    if cue is not None:
        negated.setdefault("", cue)
    return Polarity(asserted, negated, frozenset(hedges), frozenset(ruled_out))
