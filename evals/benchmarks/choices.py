"""Multiple choice without sources: GPQA, MedQA, MMLU-Pro."""

from ...verifiers.choices import choice_letters
from ..samples import Sample
from .benchmark import Item
from .row import BenchmarkRow, digest, order

_GPQA = ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


def read_gpqa(row: BenchmarkRow) -> Item:
    """A row of GPQA (Rein et al. 2023, arXiv:2311.12022).

    The right answer always stands in its own column, so the choices are put into an order that depends only on the
    record and a fixed seed. Columns "Question", "Correct Answer", "Incorrect Answer 1" to 3 and "Record ID" checked
    against the data set's card and the reader of inspect_evals.
    """
    identity = row.text("Record ID")
    places = order(len(_GPQA), identity)
    choices = tuple(row.text(_GPQA[place]) for place in places)
    return _item(row, identity, row.text("Question"), choices, ("ABCD"[places.index(0)],))


def read_medqa(row: BenchmarkRow) -> Item:
    """A row of MedQA, four options (Jin et al. 2021, arXiv:2009.13081).

    Columns "question", "options" (a table by letter) and "answer_idx" (a letter) checked against readers of
    GBaker/MedQA-USMLE-4-options. It has no column of identities: the id is a hash of the question.
    """
    options = row.table("options")
    letters = sorted(options)
    question = row.text("question")
    choices = tuple(str(options[letter]).strip() for letter in letters)
    answer = row.text("answer_idx").upper()
    if answer not in letters or not all(choices):
        raise row.error("answer_idx", "names no option, or an option is empty")
    return _item(row, digest(question)[:12], question, choices, ("ABCDEFGHIJ"[letters.index(answer)],))


def read_mmlu_pro(row: BenchmarkRow) -> Item:
    """A row of MMLU-Pro (Wang et al. 2024, arXiv:2406.01574).

    Columns "question_id", "question", "options" (a list), "answer" (a letter) and "category" checked against readers
    of TIGER-Lab/MMLU-Pro. Options "N/A", by which the publisher fills up to ten, are left out at the end of the list.
    """
    options = row.texts("options")
    while options and options[-1] == "N/A":
        options = options[:-1]
    if not options:
        raise row.missing("options")
    answer = row.text("answer").upper()
    try:
        target = choice_letters((answer,), options)
    except ValueError:
        raise row.error("answer", "names no option") from None
    task = row.optional("category") or "choice"
    return _item(row, row.text("question_id"), row.text("question"), options, target, task)


def _item(
    row: BenchmarkRow, identity: str, question: str, choices: tuple[str, ...], target: tuple[str, ...], task: str = ""
) -> Item:
    sample = Sample(identity, row.domain, identity, question, target, task=task or "choice", choices=choices)
    return Item(sample)
