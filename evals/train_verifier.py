"""Training the embedded verifier: `python -m vcpd.evals.train_verifier FILE... --out calibrated.json`.

Files of labelled answers, as `vcpd verify bench` reads them. One head for all: what set a claim comes from is no
feature. The figures in the file's provenance are of heads that saw no cluster of the claims they are measured on, in
any of the files. The same files and weights give the same numbers.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..scoring.draws import DrawSettings
from ..scoring.ranking import auroc_estimate
from ..scoring.stated import stated
from ..verifiers.alignment import Aligner
from ..verifiers.calibration import DIRECTIONS, Calibration, calibration_json
from ..verifiers.fitting import fit_calibration, rows_of
from ..verifiers.labelled import LabelledAnswer
from ..verifiers.minilm import SentenceEncoder
from ..verifiers.monotone import fit
from ..verifiers.vector_cache import CachedEncoder
from .labelled import Labelled, read_labelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FOLDS = 5
_DRAWS = 1_000
_LICENCES = {
    "ragtruth": ("RAGTruth, Niu et al. 2024, arXiv:2401.00396", "MIT"),
    "factscore": ("FActScore, Min et al. 2023, arXiv:2305.14251", "labels MIT, text CC-BY-SA"),
    "wice": ("WiCE, Kamoi et al. 2023, arXiv:2303.01432", "ODC-BY, text CC-BY-SA"),
    "healthver": ("HealthVer, Sarrouti et al. 2021, doi:10.18653/v1/2021.findings-emnlp.297", "none stated"),
    "kqa": ("K-QA, Manes et al. 2024, arXiv:2401.14493", "MIT"),
}


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--out", type=click.Path(dir_okay=False), required=True, help="Where the calibration is written.")
@click.option("--vectors", type=click.Path(file_okay=False), default=None, help="Folder that keeps the vectors.")
def main(files: tuple[str, ...], out: str, vectors: str | None) -> None:
    """Fit the embedded verifier on FILES of labelled answers."""
    encoder = CachedEncoder(SentenceEncoder(), vectors)
    trained = train([read_labelled(file) for file in files], Aligner(encoder))
    Path(out).write_text(calibration_json(trained), encoding="utf-8")
    for entry in trained.provenance["sets"]:
        value, low, high = entry["claim_auroc"]
        click.echo(f"{entry['file']}: claim AUROC {value:.3f} [{low:.3f}, {high:.3f}], {entry['claims']} claims")


def train(sets: Sequence[Labelled], aligner: Aligner) -> Calibration:
    """One calibration for all sets, with its provenance."""
    answers = [_apart(a, s) for s in sets for a in s.answers]
    groups = [n for n, s in enumerate(sets) for _ in s.answers]
    fitted = fit_calibration(answers, aligner, groups)
    figures = _figures(answers, groups, aligner)
    entries = [{**_described(s), **figures[n]} for n, s in enumerate(sets)]
    provenance = {
        "made_by": "python -m vcpd.evals.train_verifier",
        "encoder": aligner.encoder.name,
        "digest": fitted.digest,
        "folds": f"{_FOLDS} over clusters of all sets together; intervals: 95 %, bootstrap over clusters",
        "sets": entries,
    }
    return Calibration(
        fitted.head, fitted.answer, fitted.threshold, fitted.span_threshold, fitted.answer_threshold, provenance
    )


def _apart(answer: LabelledAnswer, of: Labelled) -> LabelledAnswer:
    """The answer with a cluster name that no other data set uses; files of one set share theirs."""
    return LabelledAnswer(
        answer.answer_id,
        f"{of.data_set or of.path}/{answer.cluster_id}",
        answer.text,
        answer.passages,
        answer.claims,
        answer.unsupported,
    )


def _described(of: Labelled) -> dict[str, Any]:
    source, licence = _LICENCES.get(of.data_set, ("", ""))
    path = Path(of.path)
    return {
        "file": path.name,
        "sha256": sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        "source": source,
        "licence": licence,
        "answers": len(of.answers),
        "clusters": len({a.cluster_id for a in of.answers}),
    }


def _figures(answers: Sequence[LabelledAnswer], groups: Sequence[int], aligner: Aligner) -> list[dict[str, Any]]:
    """For each set: claims, how many are unsupported, and the AUROC of held-out claims with its interval."""
    import numpy as np

    rows = rows_of(answers, aligner, groups)
    names = [a.cluster_id for a in answers]
    folds = np.array([int(sha256(n.encode(errors="surrogatepass")).hexdigest()[:8], 16) % _FOLDS for n in names])
    of = folds[rows.answers]
    p = np.zeros(len(of))
    for k in range(_FOLDS):
        train_on = of != k
        head = fit(rows.features[train_on], rows.labels[train_on].tolist(), DIRECTIONS, rows.weights[train_on])
        p[~train_on] = head.probabilities(rows.features[~train_on])
    set_of, clusters = np.array(groups)[rows.answers], np.unique(names, return_inverse=True)[1][rows.answers]
    found = []
    for n in sorted(set(groups)):
        mine = set_of == n
        figure = _with_interval(p[mine], rows.labels[mine], clusters[mine])
        found.append({"claims": int(mine.sum()), "unsupported": int((~rows.labels[mine]).sum()), "claim_auroc": figure})
    return found


def _with_interval(p: "Floats", supported: "NDArray[np.bool_]", clusters: "NDArray[np.intp]") -> list[float]:
    e = auroc_estimate(stated(p, supported, cluster_ids=[str(c) for c in clusters]), settings=DrawSettings(n=_DRAWS))
    low, high = (e.value if end is None else end for end in (e.low, e.high))
    return [round(v, 3) for v in (e.value, low, high)]


if __name__ == "__main__":
    main()
