"""Many inputs through a model in batches of like length; one that fails takes no other down."""

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")
Input = TypeVar("Input", bound=Sized)
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


def run_inputs(
    items: Sequence[Item],
    prepare: Callable[[Sequence[Item]], Sequence[Input]],
    call: Callable[[Sequence[Input]], Sequence[Result | None]],
    batch_size: int,
) -> list[tuple[int, Result | Unread]]:
    """`run_batches` of `call` over what `prepare` makes of the items; beside each result the length of its input.

    All items are prepared in one go, and those that cannot be are `Unread`, too, with a length of 0.
    """
    made = run_batches(items, [0] * len(items), prepare, max(1, len(items)))
    inputs = {i: found for i, found in enumerate(made) if not isinstance(found, Unread)}
    lengths = [len(found) for found in inputs.values()]
    results = dict(zip(inputs, run_batches(list(inputs.values()), lengths, call, batch_size), strict=True))
    return [(0, found) if isinstance(found, Unread) else (len(found), results[i]) for i, found in enumerate(made)]


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
