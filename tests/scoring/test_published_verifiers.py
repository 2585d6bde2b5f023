"""The table of published figures: known measures, shares, sources that can be looked up."""

from vcpd.scoring.measures import VERIFIER_MEASURES
from vcpd.scoring.published_verifiers import published_figures, published_on


def test_every_figure_is_a_share_of_a_known_measure_with_a_source() -> None:
    assert len(published_figures()) > 20
    for figure in published_figures():
        assert figure.measure in VERIFIER_MEASURES
        assert 0 < figure.value < 1
        assert figure.on
        assert "arXiv:" in figure.source or "model card" in figure.source


def test_by_data_set() -> None:
    found = {f.method: f.value for f in published_on("ragtruth") if f.measure == "span_f1"}
    assert found["LettuceDetect-large 395M"] == 0.644
    assert published_on("") == published_on("mine") == []
