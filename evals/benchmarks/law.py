"""Law without sources: Dahl et al.'s questions on cases, and tasks of LegalBench."""

from functools import partial

from ..importers.hub import HubSource
from ..samples import Sample
from .benchmark import Item
from .row import BenchmarkRow, digest

_EXISTENCE = {"case_existence": "yes", "fake_case_existence": "no"}
_FALSE_PREMISE = ("fake_dissent", "fake_year_overruled")
_NAMED = ("citation_retrieval", "majority_author", "year_overruled")
_OPPOSITE = {"affirm": ("reverse", "reversed"), "reverse": ("affirm", "affirmed")}
_CIRCUITS = (
    "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh",
    "District of Columbia", "Federal",
)  # fmt: skip


def read_dahl(row: BenchmarkRow) -> Item | None:
    """A row of the questions of Dahl et al. 2024 (arXiv:2401.01301, doi:10.1093/jla/laae003).

    Columns "task", "court_level", "query", "citation" and "example_correct_answer" of dataset.csv checked against its
    card, against readers of it, and the tasks against the authors' code. A row is one answer of one model, so a
    question comes in many rows; the first one counts. Left out, because a rule cannot tell right from wrong by one
    example: quotations and cited precedents (many are right), the courts of district cases (several spellings), the
    few-shot wording of each question, and rows whose example answer is empty. A dissent that was never written and an
    overruling that never happened are false premises. Questions on one citation are a cluster.
    """
    task, query = row.text("task"), row.text("query")
    if "\nExamples:" in query:
        return None
    identity = f"{task}-{digest(query)[:12]}"
    cluster = row.optional("citation") or identity
    if task in _FALSE_PREMISE:
        return Item(Sample(identity, row.domain, cluster, query, task=task, abstain_kind="false_premise"))
    targets, wrong = _dahl_answers(task, row)
    return Item(Sample(identity, row.domain, cluster, query, targets, task, wrong=wrong)) if targets else None


def _dahl_answers(task: str, row: BenchmarkRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Right and wrong answers; no right one where the task is left out."""
    if task in _EXISTENCE:
        return (_EXISTENCE[task],), ()
    if task == "court_id" and row.text("court_level") == "scotus":
        return ("Supreme Court",), ()
    answer = row.optional("example_correct_answer").removesuffix(".0")  # a year in a column of numbers
    if not answer:
        return (), ()
    if task in _NAMED:
        return (answer,), ()
    if task == "affirm_reverse":
        answer = answer.casefold()
        if answer not in _OPPOSITE:
            raise row.error("example_correct_answer", "is neither affirm nor reverse")
        return (answer, "affirmed" if answer == "affirm" else "reversed"), _OPPOSITE[answer]
    if task == "court_id" and row.text("court_level") == "coa":
        return _circuit(row, answer), ()
    return (), ()


def _circuit(row: BenchmarkRow, number: str) -> tuple[str, ...]:
    if not number.isdecimal() or not 1 <= int(number) <= len(_CIRCUITS):
        raise row.error("example_correct_answer", f"is not the number of a circuit from 1 to {len(_CIRCUITS)}")
    name = _CIRCUITS[int(number) - 1]
    names = [f"{name} Circuit", f"Court of Appeals for the {name} Circuit"]
    if int(number) == 12:
        names += ["D.C. Circuit", "DC Circuit"]
    elif int(number) < 12:
        ending = {1: "st", 2: "nd", 3: "rd"}.get(int(number), "th")
        names.append(f"{number}{ending} Circuit")
    return tuple(names)


def read_legalbench(row: BenchmarkRow, *, text: str = "", question: str = "question", fixed: str = "") -> Item:
    """A row of a yes/no task of LegalBench (Guha et al. 2023, arXiv:2308.11462).

    The columns of each task are those of its README in HazyResearch/legalbench, against which they were checked; all
    have "answer". The clause or the facts stand in the question, as in the publisher's prompt. Rows on one text are a
    cluster.

    Args:
        text: Column of the clause or facts; "" where there is none.
        question: Column of the question.
        fixed: The question, where the task asks the same of every row.
    """
    asked = fixed or row.text(question)
    context = row.text(text) if text else ""
    answer = row.text("answer").casefold()
    if answer not in ("yes", "no"):
        raise row.error("answer", "is neither Yes nor No")
    identity = row.optional("index") or digest(context, asked)[:12]
    whole = f"{context}\n\nQuestion: {asked} Answer yes or no." if context else f"{asked} Answer yes or no."
    return Item(Sample(identity, row.domain, digest(context or asked)[:12], whole, (answer,), task="yes_no"))


HEARSAY = "Is this evidence hearsay under the Federal Rules of Evidence, exceptions left aside?"
legalbench_contracts = partial(read_legalbench, text="contract")
legalbench_clauses = partial(read_legalbench, text="text")
legalbench_hearsay = partial(read_legalbench, text="text", fixed=HEARSAY)
legalbench_citizenship = partial(read_legalbench)


def legalbench_source(task: str) -> HubSource:
    """The test split of a task, of the hub's Parquet copy: `datasets` no longer runs the data set's own script."""
    files = f"hf://datasets/nguha/legalbench@refs/convert/parquet/{task}/test/0000.parquet"
    return HubSource("parquet", "test", files=files, shown=f"nguha/legalbench, {task}")
