"""Many inputs through a model in batches of like length; one that fails takes no other down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_LONGEST = 200  # characters of an error that are kept


@dataclass(frozen=True, slots=True)
class Unread:
    """One input that the model could not read, and why."""

    error: str


def run_batches(
    items: Sequence[Item],
    lengths: Sequence[int],
    call: Callable[[Sequence[Item]], Sequence[Result | None]],
    batch_size: int,
) -> list[Result | Unread]:
    """The result of `call` for each item, in the order of `items`.

    Items go in batches of at most `batch_size`, longest first, so that little is padded and too little memory shows at
    once. A batch that raises is halved until the item that is to blame stands alone: it becomes `Unread`, as does an
    item for which `call` returns None. Equal lengths keep their order, so the batches are always the same.

    Raises:
        ValueError: `batch_size` is below 1.
    """
    if batch_size < 1:
        raise ValueError(f"a batch holds at least 1 input, not {batch_size}")
    order = sorted(range(len(items)), key=lambda i: -lengths[i])
    results: dict[int, Result | Unread] = {}
    for start in range(0, len(order), batch_size):
        _run(order[start : start + batch_size], items, call, results)
    return [results[i] for i in range(len(items))]


def _run(
    indices: Sequence[int],
    items: Sequence[Item],
    call: Callable[[Sequence[Item]], Sequence[Result | None]],
    results: dict[int, Result | Unread],
) -> None:
    try:
        found = call([items[i] for i in indices])
        if len(found) != len(indices):
            raise ValueError(f"the model gave {len(found)} results for {len(indices)} inputs")
    except Exception as error:
        if len(indices) == 1:
            said = " ".join(str(error).split())[:_LONGEST]
            results[indices[0]] = Unread(f"the model failed on it ({type(error).__name__}: {said})")
            return
        half = len(indices) // 2
        _run(indices[:half], items, call, results)
        _run(indices[half:], items, call, results)
        return
    for i, result in zip(indices, found, strict=True):
        results[i] = result if result is not None else Unread("the model gave no finite number for it")
