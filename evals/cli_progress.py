"""Progress bars on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def run_progress(total: int, *, quiet: bool) -> Iterator[Callable[[str, str, int, int], None]]:
    """A bar over all samples of a run, with the model and domain at work."""
    done: dict[tuple[str, str], int] = {}
    with _bar(quiet) as bar:
        job = bar.add_task("starting", total=total)

        def step(model: str, domain: str, finished: int, _: int) -> None:
            done[model, domain] = finished
            bar.update(job, completed=sum(done.values()), description=f"{model} on {domain}")

        yield step


@contextmanager
def score_progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the answers being scored."""
    with _bar(quiet) as bar:
        job = bar.add_task("scoring", total=None)
        yield lambda done, total: bar.update(job, completed=done, total=total)


@contextmanager
def claim_progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the claims being judged, each as often as folds ask for it."""
    with _bar(quiet) as bar:
        job = bar.add_task("judging claims", total=None)
        yield lambda done, total: bar.update(job, completed=done, total=total)


@contextmanager
def index_progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar over each stage of an indexing: reading (bytes), writing, scoring, encoding."""
    with _bar(quiet) as bar:
        job = bar.add_task("starting", total=None)
        yield lambda stage, done, total: bar.update(job, description=stage, completed=done, total=total)


def _bar(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet,
        transient=True,
    )
