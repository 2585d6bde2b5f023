"""Answers with one fault each, and answers without: how often the cascade finds the fault, and only where it is.

The corpus is our own: decisions and trials with facts that are certain, and documents that are marked as fictitious.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Document, Span
from vcpd.retrieval.sources import SourcePolicy
from vcpd.verifiers.authority_file import read_authorities
from vcpd.verifiers.cascade import AnswerCheck, check_answer
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.verdict import Label, Verdict

HERE = Path(__file__).parent
POLICY = SourcePolicy(
    deny=("Wikipedia",), jurisdictions=("US", "UK", "EU"), as_of=date(2021, 12, 31), min_authority=2
)  # fmt: skip
SHELVES = {
    "US": ["brown", "miranda", "gideon", "mapp", "nixon", "heller"],
    "US2": ["bowers", "lawrence", "erie", "carroll-towing", "usc-1983", "usc-1331"],
    "EU": ["donoghue", "caparo", "anns", "miller", "schrems-ii", "google-spain"],
    "ST": ["usc-1983", "usc-1331", "frcp-4", "gdpr-33", "limitation-act"],
    "MED": ["anaphylaxis", "paracetamol", "recovery", "paradigm", "velorin", "brevadine"],
    "WARD": ["insulin-ward", "heparin-ward", "case-report", "statin", "paracetamol"],
}
CITATION_KINDS = ("fabricated", "misattributed", "out_of_scope", "post_cutoff", "wrong_pincite")
FACT_KINDS = ("dose", "unit", "route", "drug", "frequency", "negation", "number")
BAR = 0.95


@dataclass(frozen=True)
class Case:
    id: str
    kind: str
    shelf: tuple[str, ...]
    answer: str


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


@cache
def documents() -> Mapping[str, Document]:
    found = {}
    for row in rows("adversarial_corpus.jsonl"):
        fields = {**row, "date": date.fromisoformat(str(row["date"]))}
        found[str(row["doc_id"])] = Document(**fields)  # type: ignore[arg-type]
    return found


@cache
def check(answer: str, *shelf: str) -> AnswerCheck:
    ids = [i for name in shelf for i in SHELVES.get(name, [name])]
    shown = [documents()[i].passage(Span(0, len(documents()[i].text))) for i in ids]
    index = read_authorities(HERE / "adversarial_authorities.jsonl")
    return check_answer(answer, shown, documents(), POLICY, LexicalVerifier(), authorities=index)


CASES = [
    Case(str(r["id"]), str(r["kind"]), tuple(map(str, r["shelf"])), str(r["answer"]))  # type: ignore[call-overload]
    for r in rows("adversarial.jsonl")
]


def found_in(case: Case) -> set[str]:
    """The faults that the cascade reports: findings, "overruled", and "fact" where a claim is not supported."""
    done = check(case.answer, *case.shelf)
    found = {f.value for of_claim in done.citation_findings for _, f in of_claim} & set(CITATION_KINDS)
    found |= {"overruled"} if done.remarks else set()
    supported = all(isinstance(v, Verdict) and v.label is Label.SUPPORTED for v in done.verdicts)
    return found if supported else found | {"fact"}


def table() -> Iterator[tuple[str, float, float, list[str]]]:
    """Kind, sensitivity, specificity, and the cases that are wrong."""
    by_case = {case: found_in(case) for case in CASES}
    for kind in (*CITATION_KINDS, "overruled"):
        yield _row(kind, {c.id: (c.kind == kind, kind in found) for c, found in by_case.items()})
    for kind in FACT_KINDS:
        yield _row(kind, {c.id: (c.kind == kind, "fact" in found) for c, found in by_case.items()
                          if c.kind in (kind, "clean", "overruled")})  # fmt: skip
    accepted = {c: check(c.answer, *c.shelf).accept for c in CASES}
    yield _row("overall", {c.id: (c.kind not in ("clean", "overruled"), a is not True) for c, a in accepted.items()})


def _row(kind: str, told: Mapping[str, tuple[bool, bool]]) -> tuple[str, float, float, list[str]]:
    bad = [said for is_bad, said in told.values() if is_bad]
    good = [said for is_bad, said in told.values() if not is_bad]
    wrong = [f"{i} ({'missed' if is_bad else 'false alarm'})" for i, (is_bad, said) in told.items() if is_bad != said]
    return kind, sum(bad) / max(1, len(bad)), 1 - sum(good) / len(good), wrong


def test_the_set_is_large_balanced_and_not_one_template() -> None:
    kinds = [c.kind for c in CASES]
    assert len(CASES) >= 200
    assert len({c.answer for c in CASES}) == len(CASES) == len({c.id for c in CASES})
    for kind in (*CITATION_KINDS, *FACT_KINDS):
        shapes = {re.sub(r"\d+", "0", c.answer) + " ".join(c.shelf) for c in CASES if c.kind == kind}
        assert len(shapes) >= 12, kind
    assert kinds.count("clean") >= 50


def test_faults_are_found_and_only_where_they_are() -> None:
    found = list(table())
    shown = "\n".join(f"{k:15} sensitivity {se:.3f} specificity {sp:.3f} {', '.join(w)}" for k, se, sp, w in found)
    low = [k for k, se, sp, _ in found if se < BAR or sp < BAR]
    assert not low, f"below {BAR}: {', '.join(low)}\n{shown}"


UNEQUAL = "Separate educational facilities are inherently unequal, Brown v. Board"
NO_BENEFIT = "There was no evidence of benefit among patients who received no respiratory support"
DIGIT_FLIPS = [
    ("MED", "For adults with anaphylaxis, adrenaline {}.5 mg is given intramuscularly [1].", 0),
    ("WARD", "Enoxaparin 1.{} mg/kg is given subcutaneously once daily [2].", 5),
    ("WARD", "Give {}0 units of soluble insulin intravenously with 25 g of glucose [1].", 1),
    ("US", UNEQUAL + ", {}47 U.S. 483 [1].", 3),
    ("US", UNEQUAL + ", 347 U.S. 48{} [1].", 3),
    ("US", UNEQUAL + ", 347 U.S. 483, {}95 (1954) [1].", 4),
    ("US", UNEQUAL + ", 347 U.S. 483 (19{}4) [1].", 5),
    ("MED", "Velorin is contraindicated in pregnancy (doi:10.5555/velorin.201{}.7) [5].", 6),
    ("MED", "The RECOVERY trial (NCT0438193{}) assigned 4321 patients to usual care [3].", 6),
    ("MED", NO_BENEFIT + " (PMID: 3267853{}) [3].", 0),
]


@given(st.sampled_from(DIGIT_FLIPS), st.integers(0, 9))
def test_one_other_digit_of_a_dose_volume_page_or_identifier_is_not_accepted(
    template: tuple[str, str, int], digit: int
) -> None:
    shelf, answer, right = template
    assert (check(answer.format(digit), shelf).accept is True) == (digit == right)


PLAIN = [c for c in CASES if c.kind in (*FACT_KINDS, "clean")]


@given(st.sampled_from(CASES), st.sampled_from(["  ", "\n", " \n", "\u00a0 "]), st.booleans())
def test_white_space_around_an_answer_changes_nothing(case: Case, space: str, before: bool) -> None:
    padded = space + case.answer if before else case.answer + space
    mine, theirs = check(case.answer, *case.shelf), check(padded, *case.shelf)
    assert mine.accept == theirs.accept
    assert [[f for _, f in g] for g in mine.citation_findings] == [[f for _, f in g] for g in theirs.citation_findings]


@given(st.sampled_from(PLAIN), st.sampled_from(["bold", "spaces"]))
def test_markup_and_doubled_spaces_change_nothing(case: Case, change: str) -> None:
    first, _, rest = case.answer.partition(" ")
    changed = f"**{first}** {rest}" if change == "bold" else case.answer.replace(" is ", "  is ")
    assert check(changed, *case.shelf).accept == check(case.answer, *case.shelf).accept


@given(st.sampled_from([c for c in CASES if c.kind in ("dose", "unit", "route", "drug", "frequency", "negation")]))
def test_a_small_first_letter_makes_nothing_true(case: Case) -> None:
    assert check(case.answer[0].lower() + case.answer[1:], *case.shelf).accept is not True
