"""What a detector of unsupported tokens reads before the answer: the question and the passages, as it was trained."""

from collections.abc import Sequence

# As LettuceDetect (Kovacs & Recski 2025, arXiv:2502.17125; github.com/KRLabsOrg/LettuceDetect) fills them, after the
# prompts of RAGTruth (Niu et al. 2024, arXiv:2401.00396): the models have seen no other words here.
_WITH_QUESTION = (
    "\nBriefly answer the following question:\n{question}\nBear in mind that your response should be strictly based on "
    "the following {count} passages:\n{passages}\nIn case the passages do not contain the necessary information to "
    'answer the question, please reply with: "Unable to answer based on given passages."\noutput:\n'
)
_WITHOUT = "\nSummarize the following text:\n{passages}\noutput:\n"
LABEL_TOKENS = 10  # of "passage 12: " and the line break, in any vocabulary of words or bytes


def span_prompt(passages: Sequence[str], question: str = "") -> str:
    """The text before the answer. Neither passages nor question are searched for places to fill."""
    listed = "\n".join(f"passage {i}: {text}" for i, text in enumerate(passages, 1))
    if not question.strip():
        before, _, after = _WITHOUT.partition("{passages}")
        return before + listed + after
    before, _, rest = _WITH_QUESTION.partition("{question}")
    between, _, after = rest.replace("{count}", str(len(passages))).partition("{passages}")
    return before + question + between + listed + after
