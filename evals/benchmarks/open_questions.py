"""Short answers without sources, and questions that nobody can answer: SimpleQA, SelfAware, KUQ, AbstentionBench."""

from ..samples import LONG_FORM, Sample
from .benchmark import Item
from .row import BenchmarkRow, digest

_LONGEST_SHORT = 12
"""Words of a gold answer that a rule can still compare; a longer one is for people or a model to compare."""


def read_simpleqa(row: BenchmarkRow) -> Item:
    """A row of SimpleQA (Wei et al. 2024, arXiv:2411.04368).

    Columns "problem" and "answer" checked against readers of basicv8vc/SimpleQA and of the publisher's own CSV. There
    is no column of identities: the id is a hash of the question.
    """
    question = row.text("problem")
    identity = digest(question)[:12]
    return Item(Sample(identity, row.domain, identity, question, (row.text("answer"),), task="fact"))


def read_selfaware(row: BenchmarkRow) -> Item:
    """A row of SelfAware (Yin et al. 2023, arXiv:2305.18153).

    Columns "question_id", "question", "answer" (a list, or null), "answerable" and "source" checked against the
    published file.
    """
    answerable = row.flag("answerable")
    answers = row.texts("answer")
    if answerable and not answers:
        raise row.missing("answer")
    return _item(row, row.text("question_id"), row.text("question"), answers, None if answerable else "unanswerable")


def read_kuq(row: BenchmarkRow) -> Item:
    """A row of Known-Unknown Questions (Amayuelas et al. 2023, arXiv:2305.13712).

    Columns "question", "answer", "unknown", "source" and "category" of knowns_unknowns.jsonl checked against the reader
    of AbstentionBench. There is no column of identities: the id is a hash of the question. A false assumption is a
    false premise; every other category is unanswerable.
    """
    question = row.text("question")
    kind = None
    if row.flag("unknown"):
        kind = "false_premise" if row.optional("category") == "false assumption" else "unanswerable"
    return _item(row, digest(question)[:12], question, row.texts("answer"), kind)


def read_abstentionbench(row: BenchmarkRow) -> Item:
    """A row of AbstentionBench as its own loading script yields it (Kirichenko et al. 2025, arXiv:2506.09038).

    Columns "question", "reference_answers" (a list, or null), "should_abstain" and "metadata_json" checked against the
    data set's card. There is no column of identities: the id is a hash of the question. Where a row that should be
    answered carries no answer, an answer to it stays unscored.
    """
    question = row.text("question")
    kind = "unanswerable" if row.flag("should_abstain") else None
    return _item(row, digest(question)[:12], question, row.texts("reference_answers"), kind)


def _item(row: BenchmarkRow, identity: str, question: str, answers: tuple[str, ...], kind: str | None) -> Item:
    """Answers that a rule can compare are targets as usual; where all are longer, the task is long-form."""
    if kind is not None:
        return Item(Sample(identity, row.domain, identity, question, task="open", abstain_kind=kind))
    short = tuple(a for a in answers if len(a.split()) <= _LONGEST_SHORT)
    task = "open" if short else LONG_FORM
    return Item(Sample(identity, row.domain, identity, question, short or answers, task=task))
