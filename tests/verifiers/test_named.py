"""Verifiers by name, lazily; and what a reader is told where something is missing."""

import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.named import VERIFIERS, VerifierNameError, verifier_named
from vcpd.verifiers.neural_errors import MissingExtraError, ModelUnavailableError, RemoteCodeError, loading
from vcpd.verifiers.support_labels import Role, roles_of

tiny = runpy.run_path(str(Path(__file__).with_name("tiny_models.py")))
NEURAL = find_spec("torch") is not None and find_spec("sentence_transformers") is not None


def test_the_lexical_one() -> None:
    verifier = verifier_named("lexical", threshold=0.7)
    assert isinstance(verifier, LexicalVerifier)
    assert verifier.threshold == 0.7


@pytest.mark.parametrize("name", ["", "lexicall", "cross-encoder", "spans:", "minicheck: ", "lexical:x", "lexical:"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(VerifierNameError) as caught:
        verifier_named(name)
    assert isinstance(caught.value, ValueError)


@pytest.mark.skipif(not NEURAL, reason="needs the extra 'neural'")
def test_models_by_name_and_folder(tmp_path: Path) -> None:
    from vcpd.verifiers.transformer_models import ModelSettings

    settings = ModelSettings(device="cpu", local_files_only=True)
    made = {
        "cross-encoder": tiny["known_pairs"](tmp_path / "a", ("entailment", "neutral", "contradiction")),
        "minicheck": tiny["random_t5"](tmp_path / "b"),
        "spans": tiny["known_tokens"](tmp_path / "c"),
    }
    for kind, folder in made.items():
        assert verifier_named(f"{kind}:{folder}", settings=settings).name == f"{kind}:{Path(folder).name}"
        with pytest.raises(ModelUnavailableError, match="nobody/nothing"):
            verifier_named(f"{kind}:nobody/nothing", settings=settings)
    with pytest.raises(RemoteCodeError):
        verifier_named("hhem:vectara/hallucination_evaluation_model")
    assert set(made) | {"lexical", "hhem"} <= set(VERIFIERS)


@pytest.mark.parametrize("kind", ["cross-encoder", "minicheck", "spans"])
def test_a_missing_extra_is_named(kind: str) -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('torch', 'transformers', 'sentence_transformers')))\n"
        "from vcpd.verifiers.named import verifier_named\n"
        f"try: verifier_named('{kind}:some/model')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MissingExtraError the verifier model 'some/model' needs ")
    assert "the extra 'neural'" in done.stdout


def test_a_name_loads_no_model_library() -> None:
    code = (
        "import sys, vcpd.verifiers.named, vcpd.verifiers.cross_encoder, vcpd.verifiers.token_spans\n"
        "import vcpd.verifiers.minicheck, vcpd.verifiers.hhem\n"
        "print(*[m for m in ('torch', 'transformers', 'sentence_transformers', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (OSError("We couldn't connect\nto the hub"), ModelUnavailableError),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), MissingExtraError),
        (ModuleNotFoundError("No module named 'sentencepiece'", name="sentencepiece"), ModelUnavailableError),
        (Exception("Using the ONNX backend requires installing Optimum"), MissingExtraError),
        (ValueError("Please pass the argument `trust_remote_code=True`"), RemoteCodeError),
    ],
)
def test_errors_of_the_libraries_become_sentences(raised: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="'acme/nli'") as caught, loading("acme/nli"):
        raise raised
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize(
    ("names", "options", "expected"),
    [
        (["CONTRADICTION", "ENTAILMENT", "NEUTRAL"], {}, "refute support neither"),
        (["SUPPORTS", "REFUTES", "NOT ENOUGH INFO"], {}, "support refute neither"),
        (["not_entailment", "entailment"], {}, "neither support"),
        (["LABEL_0", "LABEL_1"], {"usual": ("unsupported", "supported")}, "neither support"),
        (["entailment", "neutral"], {"usual": ("unsupported", "supported")}, "support neither"),
        (["x", "y"], {"given": ("yes", "no")}, "support neither"),
    ],
)
def test_roles(names: list[str], options: dict[str, Any], expected: str) -> None:
    assert roles_of(dict(enumerate(names)), **options) == tuple(map(Role, expected.split()))
