"""Outputs of other tools with anything in the place of anything: read, or refused with a sentence."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcpd.evals.importers import RecordedAnswerError, read_answers
from vcpd.evals.importers.inspect_zip import header_of, samples_of
from vcpd.evals.importers.reading import Reading

FILES = Path(__file__).parents[1] / "fixtures" / "imported"


def inspect_document(name):
    log = FILES / "inspect" / f"{name}.eval"
    return {**header_of(log), "samples": [sample for _, sample in samples_of(log)][:2]}


def first_line(pattern):
    return json.loads(next(FILES.glob(pattern)).read_text().splitlines()[0])


SEEDS = {
    "inspect": (inspect_document("model_graded"), {}),
    "inspect choice": (inspect_document("choice"), {}),
    "inspect agent": (inspect_document("agent_tries"), {}),
    "promptfoo": (json.loads((FILES / "promptfoo" / "promptfoo.json").read_text()), {}),
    "deepeval": (json.loads((FILES / "deepeval" / "test_run.json").read_text()), {"scorer": "Holds The Key"}),
    "lm_eval": (first_line("lm_eval/*/samples_bridges_2*.jsonl"), {"scorer": "exact_match"}),
    "lm_eval choice": (first_line("lm_eval/*/samples_bridges_choice*.jsonl"), {"scorer": "acc"}),
    "ragas": (first_line("ragas/ragas.jsonl"), {"scorer": "string_present"}),
    "promptfoo line": (first_line("promptfoo/promptfoo.jsonl"), {}),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800\0"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    made = copy.deepcopy(value)
    part = made
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = new
    return made


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_anything_in_the_place_of_anything(kind, data, tmp_path):
    seed, options = SEEDS[kind]
    lines = kind.startswith(("lm_eval", "ragas")) or kind.endswith("line")
    path = data.draw(st.sampled_from(sorted(places(seed), key=repr)))
    document = replaced(seed, path, data.draw(ANYTHING))
    file = tmp_path / ("a.jsonl" if lines else "a.json")
    file.write_text(json.dumps(document) + "\n")
    try:
        recorded = read_answers(file, reading=Reading(**options))
    except RecordedAnswerError:
        return
    assert all(isinstance(a.answer, str) and isinstance(a.sample_id, str) for a in recorded.answers)
