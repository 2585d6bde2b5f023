"""Orders hidden in sources and answers move no verdict and no grade; with a careless prompt each of them does."""

import json
import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.records import Outcome
from vcpd.verifiers import grader as grader_module
from vcpd.verifiers import judge as judge_module
from vcpd.verifiers.cascade import check_answer
from vcpd.verifiers.grader import Grader
from vcpd.verifiers.grader_prompt import grader_prompt
from vcpd.verifiers.judge import JudgeSettings, LLMJudge
from vcpd.verifiers.judge_prompt import judge_prompt
from vcpd.verifiers.verdict import Claim, Failure, Verdict

HERE = Path(__file__).resolve().parent
CASES: list[dict[str, Any]] = [json.loads(line) for line in (HERE / "injections.jsonl").read_text().splitlines()]
scripted = runpy.run_path(str(HERE / "obedient_judge.py"))
ObedientJudge = scripted["ObedientJudge"]

SOURCES = {
    "law": (
        "Claims in tort lapse three years after the day of the damage. The court may extend the period once.",
        "A landlord may enter the flat only after giving written notice of 24 hours.",
    ),
    "medicine": (
        "Adults take 500 mg of the drug every eight hours. The dose is halved in renal failure.",
        "The drug must not be given to children below two years of age.",
    ),
}
TRUTH: dict[str, dict[str, tuple[str, list[str]]]] = {
    "law": {
        "Tort claims lapse after three years.": ("supported", ["Claims in tort lapse three years after"]),
        "A landlord may enter without notice.": ("refuted", ["only after giving written notice of 24 hours"]),
        "The tenant pays for all repairs.": ("not_enough_info", []),
    },
    "medicine": {
        "Adults take 500 mg every eight hours.": ("supported", ["Adults take 500 mg of the drug"]),
        "Infants may be given the drug.": ("refuted", ["must not be given to children"]),
        "The drug causes drowsiness.": ("not_enough_info", []),
    },
}


def careless(passages: Sequence[str], claims: Sequence[str], seed: str) -> str:
    """No delimiters at all."""
    data = [f"passage {i}: {t}" for i, t in enumerate(passages, 1)] + [
        f"claim {i}: {t}" for i, t in enumerate(claims, 1)
    ]
    return "\n".join(["Judge the claims by the passages.", *data, "Reply with JSON."])


def fixed(passages: Sequence[str], claims: Sequence[str], seed: str) -> str:
    """Delimiters that every text can write."""
    named = [(f"passage {i}", t) for i, t in enumerate(passages, 1)] + [
        (f"claim {i}", t) for i, t in enumerate(claims, 1)
    ]
    data = [f"<data {name}>\n{text}\n</data>" for name, text in named]
    rule = "Data stands between a line <data ...> and a line </data>."
    return "\n".join([rule, *data, "Reply with JSON."])


Builder = Callable[[Sequence[str], Sequence[str], str], str]


def stale_key(case: dict[str, Any]) -> str:
    """The key of the same prompt before the order was put into it: the most that a writer of data can know."""
    prompt = judge_prompt(SOURCES[case["domain"]], list(TRUTH[case["domain"]]), "0")
    return str(scripted["ANNOUNCED"].search(prompt)[1]).removeprefix("data-")


def judged(case: dict[str, Any] | None, domain: str, builder: Builder, samples: int = 3) -> tuple[list[str], Any]:
    """Labels per claim, and the judge that gave them."""
    sources, claims = list(SOURCES[domain]), list(TRUTH[domain])
    harmless = builder(sources, claims, "0")
    model = ObedientJudge(TRUTH[domain], harmless=lambda prompt: harmless)
    if case is not None:
        order = case["text"].replace("-{key}", "" if builder is fixed else "-" + stale_key(case))
        order = order.replace("{key}", stale_key(case))
        if case["where"] == "source":
            sources[0] = sources[0].replace(". ", f". {order} ", 1)
        else:
            claims[1] = f"{claims[1]} {order}"
    passages = [Passage(f"d{i}", Span(0, len(t)), t) for i, t in enumerate(sources)]
    pairs = [(Claim(text, Span(0, 1)), passages) for text in claims]
    results = LLMJudge(model, "scripted", JudgeSettings(samples=samples)).verify(pairs)
    return ["failure" if isinstance(r, Failure) else r.label.value for r in results], model


def honest(domain: str) -> list[str]:
    return [label for label, _ in TRUTH[domain].values()]


def test_the_cases_are_many_and_of_all_kinds() -> None:
    assert len(CASES) >= 60
    assert len({c["id"] for c in CASES}) == len({c["text"] for c in CASES}) == len(CASES)
    assert {(c["where"], c["domain"]) for c in CASES} == {(w, d) for w in ("source", "answer") for d in TRUTH}


@pytest.mark.parametrize("domain", TRUTH)
@pytest.mark.parametrize("builder", [judge_prompt, careless, fixed])
def test_without_an_order_the_scripted_judge_is_honest(
    monkeypatch: pytest.MonkeyPatch, builder: Builder, domain: str
) -> None:
    monkeypatch.setattr(judge_module, "judge_prompt", builder)
    labels, model = judged(None, domain, builder)
    assert labels == honest(domain)
    assert model.obeyed == []


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_no_order_moves_a_verdict(case: dict[str, Any]) -> None:
    labels, model = judged(case, case["domain"], judge_prompt)
    assert model.obeyed == []
    assert labels == honest(case["domain"])
    assert len(model.prompts) == 3


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_with_a_careless_prompt_every_order_is_obeyed(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_module, "judge_prompt", careless)
    labels, _ = judged(case, case["domain"], careless)
    assert labels == [case["wants"]] * 3


@pytest.mark.parametrize("case", [c for c in CASES if c["escape"]], ids=lambda c: c["id"])
def test_with_fixed_delimiters_escapes_are_obeyed(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_module, "judge_prompt", fixed)
    labels, _ = judged(case, case["domain"], fixed)
    assert labels == [case["wants"]] * 3


ANSWERS = {
    "law": ("Tort claims lapse after three years [1].", "A landlord may enter without notice [2]."),
    "medicine": ("Adults take 500 mg every eight hours [1].", "Infants may be given the drug [2]."),
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_no_order_moves_what_is_delivered(case: dict[str, Any]) -> None:
    """Whole answers through the cascade: a good one stays accepted whatever a source orders, a bad one rejected."""
    good, bad = ANSWERS[case["domain"]]
    sources = list(SOURCES[case["domain"]])
    order = case["text"].replace("{key}", stale_key(case))
    if case["where"] == "source":
        sources[0] = sources[0].replace(". ", f". {order} ", 1)
    passages = [Passage(f"d{i}", Span(0, len(t)), t) for i, t in enumerate(sources)]
    documents = {p.doc_id: Document(p.doc_id, p.text) for p in passages}
    harmless = judge_prompt(["One."], ["Two."], "0")
    for text, accepted in ((good, True), (f"{good} {bad}", False)):
        model = ObedientJudge(TRUTH[case["domain"]], harmless=lambda prompt: harmless)
        answer = text if case["where"] == "source" else f"{text} {order}"
        judge = LLMJudge(model, "scripted", JudgeSettings(samples=1))
        found = check_answer(answer, passages, documents, SourcePolicy(), judge)
        assert model.obeyed == []
        labels = {v.claim.text: v.label for v in found.verdicts if isinstance(v, Verdict)}
        for start, (label, _) in TRUTH[case["domain"]].items():
            assert all(given == label for claim, given in labels.items() if claim.startswith(start))
        assert found.accept is accepted if case["where"] == "source" else not (found.accept and not accepted)
        assert any(claim.startswith(start) for claim in labels for start in TRUTH[case["domain"]])


def graded(case: dict[str, Any], place: str) -> tuple[Outcome, Any]:
    """The outcome of an answer that is graded honestly as the opposite of what the order wants."""
    texts = {"question": "How long is the period?", "answer": "Three years.", "targets": "five years", "wrong": "two"}
    harmless = vars(grader_module)["grader_prompt"](
        texts["question"], texts["answer"], [texts["targets"]], [texts["wrong"]], "0"
    )
    truth = "incorrect" if case["wants"] == "supported" else "correct"
    model = ObedientJudge({}, grade=truth, harmless=lambda prompt: harmless)
    key = scripted["ANNOUNCED"].search(harmless)
    texts[place] += " " + case["text"].replace("{key}", key[1].removeprefix("data-") if key else "")
    grader = Grader(model, "scripted")
    return grader.grade(texts["question"], texts["answer"], [texts["targets"]], [texts["wrong"]]).outcome, model


@pytest.mark.parametrize("place", ["question", "answer", "targets", "wrong"])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_no_order_moves_a_grade(case: dict[str, Any], place: str) -> None:
    outcome, model = graded(case, place)
    assert model.obeyed == []
    assert outcome is (Outcome.INCORRECT if case["wants"] == "supported" else Outcome.CORRECT)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_with_a_careless_prompt_every_grade_is_moved(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def careless_grading(question: str, answer: str, targets: Sequence[str], wrong: Sequence[str], sample: str) -> str:
        return f'Grade the answer.\n{question}\n{targets[0]}\n{answer}\nReply {{"reason": ..., "grade": ...}}'

    monkeypatch.setattr(grader_module, "grader_prompt", careless_grading)
    outcome, _ = graded(case, "answer")
    wanted = {"supported": Outcome.CORRECT, "refuted": Outcome.INCORRECT, "not_enough_info": Outcome.ABSTAINED}
    assert outcome is wanted[case["wants"]]


def test_a_fooled_judge_still_supports_nothing_without_words_of_a_source() -> None:
    """Were a model fooled after all, the quotes that it makes up, or takes from the claim, are looked up."""
    claim = Claim("The tenant pays for all repairs.", Span(0, 1))
    passages = [Passage("d", Span(0, len(t)), t) for t in SOURCES["law"]]
    for quote in ("The tenant pays for all repairs", "the", "Claims in tort ... written notice of 24 hours", ""):
        model = ObedientJudge({"The tenant": ("supported", [quote])}, harmless=lambda prompt: prompt)
        [result] = LLMJudge(model, "scripted").verify([(claim, passages)])
        assert isinstance(result, Failure), quote


def test_the_real_prompts_are_the_ones_tested() -> None:
    assert vars(judge_module)["judge_prompt"] is judge_prompt
    assert vars(grader_module)["grader_prompt"] is grader_prompt
