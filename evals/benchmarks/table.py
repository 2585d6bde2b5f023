"""The benchmarks that are known, and finding one by name."""

from difflib import get_close_matches

from ..importers.hub import HubSource
from ..pack_fields import PackError
from ..packs import BENCHMARK as PREFIX
from . import choices, law, legal_rag, open_questions, reading
from .benchmark import Benchmark

_RULE_GRADED = "right and wrong are told by rule, not by the publisher's model grader"
_LONG = "gold answers are paragraphs, which no rule can compare: answers to answerable questions stay unscored"
_LONG_P = f"{_LONG}, so p, Q and VCpD are undefined; read abstention, citation and retrieval measures"
_LEGALBENCH = "Guha et al. 2023, arXiv:2308.11462"
_ABSTENTION = "Kirichenko et al. 2025, arXiv:2506.09038"


def _hub_page(name: str) -> str:
    return f"https://huggingface.co/datasets/{name}"


def _legalbench(name: str, task: str, read: object, purpose: str, license: str, size: int) -> Benchmark:
    return Benchmark(
        name=f"legalbench-{name}",
        title=f"LegalBench, {task}",
        purpose=purpose,
        license=license,
        citation=_LEGALBENCH,
        url=_hub_page("nguha/legalbench"),
        read=read,  # type: ignore[arg-type]
        hub=law.legalbench_source(task),
        size=size,
        noncommercial="NC" in license,
        caution="the size counts a few training examples, which are not asked",
        files=(f"{task}/test.tsv", f"{task}/test/0000.parquet"),
        repeats=True,
    )


_KNOWN = (
    Benchmark(
        name="gpqa-diamond",
        title="GPQA Diamond",
        purpose="graduate-level science, four choices: the frontier proxy of the field note",
        license="CC-BY-4.0",
        citation="Rein et al. 2023, arXiv:2311.12022",
        url=_hub_page("Idavidrein/gpqa"),
        read=choices.read_gpqa,
        hub=HubSource("Idavidrein/gpqa", "train", "gpqa_diamond"),
        size=198,
        gated=True,
        confidential=True,
        files=("gpqa_diamond.csv",),
    ),
    Benchmark(
        name="simpleqa",
        title="SimpleQA",
        purpose="short facts that models often get wrong: whether a model knows what it does not know",
        license="MIT",
        citation="Wei et al. 2024, arXiv:2411.04368",
        url=_hub_page("basicv8vc/SimpleQA"),
        read=open_questions.read_simpleqa,
        hub=HubSource("basicv8vc/SimpleQA", "test"),
        size=4326,
        caution=_RULE_GRADED,
        files=("simple_qa_test_set.csv",),
        repeats=True,
    ),
    Benchmark(
        name="selfaware",
        title="SelfAware",
        purpose="answerable and unanswerable questions of users: abstention without sources",
        license="CC-BY-SA-4.0",
        citation="Yin et al. 2023, arXiv:2305.18153",
        url="https://github.com/yinzhangyue/SelfAware",
        read=open_questions.read_selfaware,
        hub=HubSource(
            "json",
            "train",
            files="https://raw.githubusercontent.com/yinzhangyue/SelfAware/main/data/SelfAware.json",
            field="example",
            shown="yinzhangyue/SelfAware on GitHub",
        ),
        size=3369,
        files=("SelfAware.json",),
        wrapped="example",
    ),
    Benchmark(
        name="abstentionbench",
        title="AbstentionBench, as exported",
        purpose="20 sets of questions, of which many must not be answered",
        license="CC-BY-NC-4.0",
        citation=_ABSTENTION,
        url=_hub_page("facebook/AbstentionBench"),
        read=open_questions.read_abstentionbench,
        noncommercial=True,
        caution="its loading script needs datasets 3.6 or older; save its rows there as JSON Lines or Parquet",
        repeats=True,
    ),
    Benchmark(
        name="abstentionbench-kuq",
        title="Known-Unknown Questions, a set of AbstentionBench",
        purpose="questions whose answer nobody knows, beside answerable ones",
        license="MIT (the set); CC-BY-NC-4.0 (AbstentionBench)",
        citation=f"Amayuelas et al. 2023, arXiv:2305.13712; {_ABSTENTION}",
        url=_hub_page("amayuelas/KUQ"),
        read=open_questions.read_kuq,
        hub=HubSource(
            "json",
            "train",
            files="hf://datasets/amayuelas/KUQ/knowns_unknowns.jsonl",
            shown="amayuelas/KUQ",
        ),
        size=6884,
        caution="AbstentionBench maps categories that are missing; here they are taken as published",
        files=("knowns_unknowns.jsonl",),
        repeats=True,
    ),
    Benchmark(
        name="abstentionbench-squad2",
        title="SQuAD 2.0, a set of AbstentionBench",
        purpose="reading with questions that the passage does not answer",
        license="CC-BY-SA-4.0 (the set); CC-BY-NC-4.0 (AbstentionBench)",
        citation=f"Rajpurkar et al. 2018, arXiv:1806.03822; {_ABSTENTION}",
        url=_hub_page("rajpurkar/squad_v2"),
        read=reading.read_squad2,
        hub=HubSource("rajpurkar/squad_v2", "validation"),
        size=11873,
        files=("validation-*.parquet",),
        caution="passages are retrieved from all articles; AbstentionBench hands over the right one",
    ),
    Benchmark(
        name="clapnq",
        title="clapNQ, development part",
        purpose="long answers from a passage, half of the questions unanswerable",
        license="Apache-2.0",
        citation="Rosenthal et al. 2024, arXiv:2404.02103",
        url=_hub_page("PrimeQA/clapnq"),
        read=reading.read_clapnq,
        hub=HubSource("PrimeQA/clapnq", "validation"),
        size=600,
        caution=_LONG_P,
        files=("clapnq_dev_answerable.jsonl", "clapnq_dev_unanswerable.jsonl"),
    ),
    Benchmark(
        name="pubmedqa",
        title="PubMedQA, expert-labelled",
        purpose="research questions answered yes, no or maybe from an abstract",
        license="MIT",
        citation="Jin et al. 2019, arXiv:1909.06146",
        url=_hub_page("qiaojin/PubMedQA"),
        read=reading.read_pubmedqa,
        hub=HubSource("qiaojin/PubMedQA", "train", "pqa_labeled"),
        size=1000,
        caution="all 1,000 questions over 1,000 abstracts; published scores are of 500 of them, each with its abstract",
        files=("ori_pqal.json", "pqa_labeled/train-*.parquet"),
        keyed="pubid",
    ),
    Benchmark(
        name="medqa",
        title="MedQA (USMLE), four options",
        purpose="questions of the US medical licensing examination",
        license="CC-BY-4.0 (as hosted)",
        citation="Jin et al. 2021, arXiv:2009.13081",
        url=_hub_page("GBaker/MedQA-USMLE-4-options"),
        read=choices.read_medqa,
        hub=HubSource("GBaker/MedQA-USMLE-4-options", "test"),
        size=1273,
        repeats=True,
    ),
    Benchmark(
        name="mmlu-pro",
        title="MMLU-Pro",
        purpose="knowledge and reasoning in 14 fields, up to ten choices",
        license="Apache-2.0",
        citation="Wang et al. 2024, arXiv:2406.01574",
        url=_hub_page("TIGER-Lab/MMLU-Pro"),
        read=choices.read_mmlu_pro,
        hub=HubSource("TIGER-Lab/MMLU-Pro", "test"),
        size=12032,
        files=("test-*.parquet",),
    ),
    Benchmark(
        name="legal-hallucinations",
        title="Large Legal Fictions: questions on US federal cases",
        purpose="existence, court, citation, author, disposition and overruling of cases; false premises",
        license="none stated",
        citation="Dahl et al. 2024, arXiv:2401.01301, doi:10.1093/jla/laae003",
        url=_hub_page("reglab/legal_hallucinations"),
        read=law.read_dahl,
        hub=HubSource(
            "csv",
            "train",
            files="hf://datasets/reglab/legal_hallucinations/dataset.csv",
            shown="reglab/legal_hallucinations",
        ),
        caution="quotations, cited precedents, district courts, few-shot wordings and empty answers are left out",
        files=("dataset.csv",),
        repeats=True,
    ),
    _legalbench(
        "contracts", "consumer_contracts_qa", law.legalbench_contracts,
        "yes or no: rights and obligations under terms of service", "CC-BY-NC-4.0", 400,
    ),
    _legalbench(
        "clauses", "contract_qa", law.legalbench_clauses,
        "yes or no: what a clause of a contract is about", "CC-BY-4.0", 88,
    ),
    _legalbench(
        "hearsay", "hearsay", law.legalbench_hearsay,
        "yes or no: whether evidence is hearsay", "CC-BY-4.0", 100,
    ),
    _legalbench(
        "citizenship", "international_citizenship_questions", law.legalbench_citizenship,
        "yes or no: citizenship law of the world", "CC-BY-4.0", 9300,
    ),
    Benchmark(
        name="legalbench-rag",
        title="LegalBench-RAG",
        purpose="finding the clause of a contract or policy that answers a question",
        license="none stated for the data; of ContractNLI, CUAD, MAUD and PrivacyQA",
        citation="Pipitone and Houir Alami 2024, arXiv:2408.10343",
        url="https://github.com/zeroentropy-ai/legalbenchrag",
        read=legal_rag.read_legal_rag,
        caution="it holds no answers: read retrieval and citation measures; answers stay unscored",
        folder=legal_rag.legal_rag_rows,
        repeats=True,
    ),
    Benchmark(
        name="legalbench-rag-qa",
        title="LegalBench-RAG, a part with written answers",
        purpose="answers over named contracts and policies",
        license="none stated for the answers; of ContractNLI, CUAD, MAUD and PrivacyQA",
        citation="datasaur-ai/datasaur-databench; Pipitone and Houir Alami 2024, arXiv:2408.10343",
        url="https://github.com/datasaur-ai/datasaur-databench",
        read=legal_rag.read_legal_answers,
        size=200,
        caution=_LONG,
        folder=legal_rag.legal_answer_rows,
        repeats=True,
    ),
)  # fmt: skip
BENCHMARKS = {benchmark.name: benchmark for benchmark in _KNOWN}


def find_benchmark(name: str) -> Benchmark:
    """The benchmark of that name.

    Raises:
        PackError: There is none; the message suggests the nearest names.
    """
    if name in BENCHMARKS:
        return BENCHMARKS[name]
    folded = name.casefold().replace("_", "-")
    within = [known for known in BENCHMARKS if folded and (folded in known or known in folded)]
    near = within or get_close_matches(folded, BENCHMARKS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(PREFIX + n for n in near)}?" if near else "see: vcpd domain list"
    raise PackError(f"there is no benchmark '{name[:60]}': {hint}")
