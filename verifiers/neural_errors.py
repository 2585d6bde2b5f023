"""What may go wrong before a neural verifier can judge: nothing installed, no model, or code that nobody allowed."""

from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST = 300  # characters of another library's message that are passed on
_LIBRARIES = frozenset({"torch", "transformers", "sentence_transformers", "tokenizers", "safetensors"})


class MissingExtraError(ValueError):
    """A library is not installed; the message names the extra, or the packages, to install."""


class ModelUnavailableError(RuntimeError):
    """The weights are neither on this machine nor to be had, or they are not a model of the kind that was asked for."""


class RemoteCodeError(ValueError):
    """The model brings Python code of its own, and nobody has allowed it to run."""


class LabelError(ValueError):
    """Which output of the model means support cannot be told."""


REMOTE_CODE = (
    "It is loaded by Python code that is downloaded with it and runs on this machine with your rights: it can read "
    "your files and use your network. Read that code, pin it with revision=COMMIT, and only then allow it with "
    "trust_remote_code=True"
)


@contextmanager
def loading(model: str) -> Iterator[None]:
    """Turn whatever the libraries raise while they load `model` into one sentence.

    Raises:
        MissingExtraError: The `neural` extra, or what the ONNX backend needs, is not installed.
        RemoteCodeError: The model needs code of its own, which is off unless asked for.
        ModelUnavailableError: Anything else: not on this machine and not to be downloaded, damaged, another kind.
    """
    try:
        yield
    except (MissingExtraError, ModelUnavailableError, RemoteCodeError, LabelError):
        raise
    except Exception as error:
        raise _explained(model, error) from error


def _explained(model: str, error: Exception) -> Exception:
    said = " ".join(str(error).split())
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in _LIBRARIES:
        return MissingExtraError(
            f"the verifier model '{model}' needs {error.name}, which is not installed: install PyTorch for your "
            "machine, then the extra 'neural' (pip install 'vcpd[neural]', or '.[neural]' in a checkout)"
        )
    if "ONNX" in said and "install" in said:
        return MissingExtraError(
            f"the verifier model '{model}' with backend 'onnx' needs Optimum and ONNX Runtime, which are not "
            "installed: pip install 'sentence-transformers[onnx]' (on a GPU: 'sentence-transformers[onnx-gpu]')"
        )
    if "trust_remote_code" in said:
        return RemoteCodeError(f"the verifier model '{model}' is not loaded. {REMOTE_CODE}")
    return ModelUnavailableError(
        f"the verifier model '{model}' could not be loaded: it is neither a folder with a model of this kind nor to "
        f"be had by that name ({type(error).__name__}: {said[:_LONGEST]})"
    )
