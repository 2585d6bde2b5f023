"""One claim against one stretch of source, as models read it: in which form, and with what result."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from typing import Any, Protocol

from .support_labels import Reading, Role, read_logits
from .text_model import TextModel, Tokens


@dataclass(frozen=True, slots=True)
class Form:
    """How a family of models wants source and claim.

    Attributes:
        template: One text that holds `{source}`, `{claim}` and `{eos}`; "": the tokenizer's own form of a pair.
        claim_first: Of a pair: the claim comes first.
        labels: Names that the outputs of the family have where its configuration names them "LABEL_0"; () none.
    """

    template: str = ""
    claim_first: bool = False
    labels: tuple[str, ...] = ()


# Forms as the authors' own code has them: github.com/Liyan06/MiniCheck (arXiv:2404.10774),
# github.com/derenlei/FactCG (NAACL 2025, arXiv:2501.17144), github.com/TalSchuster/VitaminC (arXiv:2103.08541).
FORMS = {
    "nli": Form(),
    "minicheck": Form("{source}{eos}{claim}", labels=("unsupported", "supported")),
    "factcg": Form(
        '{source}\n\nChoose your answer: based on the paragraph above can we conclude that "{claim}"?\n\nOPTIONS:\n'
        "- Yes\n- No\nI think the answer is ",
        labels=("unsupported", "supported"),
    ),
    "hhem": Form(labels=("supported",)),
    "vitaminc": Form(claim_first=True, labels=("supported", "refuted", "not enough info")),
}
_MARKS = {"hallucination_evaluation_model": "hhem", "hhem": "hhem", "minicheck": "minicheck", "factcg": "factcg"}


def form_of(model: str, family: str | None = None) -> Form:
    """The form for `family`, or for the family that the name of `model` speaks of; a pair, source first, otherwise.

    Raises:
        ValueError: There is no such family.
    """
    if family is None:
        small = model.casefold()
        family = next((f for mark, f in {**_MARKS, "vitaminc": "vitaminc"}.items() if mark in small), "nli")
    if family not in FORMS:
        raise ValueError(f"there is no family '{family}' of verifier models; there are {', '.join(FORMS)}")
    return FORMS[family]


class PairReader(Protocol):
    """Reads (source, claim) pairs with a model."""

    @property
    def identity(self) -> str:
        """Which model it is, for the version of the verifier."""
        ...

    @property
    def longest(self) -> int:
        """Tokens of the longest input."""
        ...

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        """Places of the tokens of a source."""
        ...

    def tokens(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Sized]:
        """Each (source, claim) as the model reads it, never cut; its length is the number of its tokens."""
        ...

    def read(self, batch: Sequence[Any]) -> Sequence[Reading | None]:
        """What the model says of each of some `tokens`; None where that is no number."""
        ...


class FormedPairs:
    """The part of a `PairReader` that lies before the model: texts in the form that it wants."""

    def __init__(self, model: TextModel, form: Form) -> None:
        self.model = model
        self._form = form

    @property
    def identity(self) -> str:
        """Which model it is."""
        return self.model.identity

    @property
    def longest(self) -> int:
        """Tokens of the longest input."""
        return self.model.longest

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        """Places of the tokens of a source."""
        return self.model.tokens([self.model.plain(text)], bare=True)[0].offsets

    def tokens(self, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
        """Each (source, claim) as the model reads it; special tokens inside the texts are defused."""
        plain = [(self.model.plain(source), self.model.plain(claim)) for source, claim in pairs]
        if self._form.template:
            filled = self._form.template.replace("{eos}", self.model.eos)
            before, _, rest = filled.partition("{source}")
            between, _, after = rest.partition("{claim}")
            return self.model.tokens([f"{before}{source}{between}{claim}{after}" for source, claim in plain])
        if self._form.claim_first:
            plain = [(claim, source) for source, claim in plain]
        return self.model.tokens([first for first, _ in plain], [second for _, second in plain])


class ClassifierReader(FormedPairs):
    """Reads pairs with a classifier whose outputs have `roles`."""

    def __init__(self, model: TextModel, form: Form, roles: Sequence[Role]) -> None:
        super().__init__(model, form)
        self._roles = tuple(roles)

    def read(self, batch: Sequence[Tokens]) -> list[Reading | None]:
        """Softmax, or the logistic function of a single output."""
        return read_logits(self.model.logits(batch), self._roles)
