"""What each claim of one call of a local model cost: the call is measured, the claims share it."""

from collections.abc import Sequence

from ..scoring.usage import Usage


def shared_usage(verifier: str, tokens: Sequence[int], seconds: float) -> list[Usage]:
    """One reading per claim, that sum to what the call took.

    The seconds are shared by the tokens that were read for each claim. The request is counted once, with the first
    claim for which the model was asked, and never where it was not. The model is "local/<verifier>", so that its
    seconds are priced as seconds of this machine.
    """
    total = sum(tokens)
    first = next((i for i, n in enumerate(tokens) if n), None)
    return [
        Usage(
            f"verify:{verifier}",
            f"local/{verifier}",
            input_tokens=n,
            seconds=seconds * (n / total if total else 1 / len(tokens)),
            requests=int(i == first),
        )
        for i, n in enumerate(tokens)
    ]
