"""Verifiers by name: "lexical", "embedded", "cross-encoder:NAME_OR_PATH", "minicheck:...", "hhem:...", "spans:..."."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from .verdict import Verifier


class VerifierNameError(ValueError):
    """There is no verifier of that name, or the name lacks its model or has one too many."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where a verifier is made.

    Attributes:
        factory: "module:callable" of this package; imported when it is asked for, and not before.
        takes_model: Whether a name or folder of a model follows the colon, the first argument of the factory.
    """

    factory: str
    takes_model: bool = False


VERIFIERS = {
    "lexical": Row("lexical:LexicalVerifier"),
    "embedded": Row("embedded:EmbeddedVerifier"),
    "cross-encoder": Row("cross_encoder:CrossEncoderVerifier", takes_model=True),
    "minicheck": Row("minicheck:minicheck_verifier", takes_model=True),
    "hhem": Row("hhem:HhemVerifier", takes_model=True),
    "spans": Row("token_spans:SpanVerifier", takes_model=True),
}


def verifier_named(name: str, **options: object) -> Verifier:
    """The verifier called `name`; `options` go to its factory, which see.

    Raises:
        VerifierNameError: No such verifier, no model after the colon, or one where none belongs.
        ValueError, RuntimeError: What the factory raises: an extra that is missing, a model that cannot be loaded.
    """
    kind, colon, model = name.strip().partition(":")
    row = VERIFIERS.get(kind)
    if row is None:
        listed = ", ".join(f"{k}:MODEL" if r.takes_model else k for k, r in VERIFIERS.items())
        raise VerifierNameError(f"there is no verifier '{name}'; there are {listed}")
    if row.takes_model != bool(model.strip()) or (colon and not row.takes_model):
        wanted = f"'{kind}:MODEL', where MODEL is a name or a folder" if row.takes_model else f"'{kind}' alone"
        raise VerifierNameError(f"'{name}' is not the name of a verifier; write {wanted}")
    module, _, factory = row.factory.partition(":")
    make: Callable[..., Verifier] = getattr(import_module(f".{module}", __package__), factory)
    return make(model.strip(), **options) if row.takes_model else make(**options)
