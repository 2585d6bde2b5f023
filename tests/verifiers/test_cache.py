"""The verdict cache: what it gives back is what the verifier would say, and only what is new reaches it."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_cases import Scripted
from vcpd.retrieval.passages import Passage, Span
from vcpd.scoring.usage import Usage
from vcpd.verifiers.cache import CachedVerifier
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.verdict import Citation, Claim, Failure, Label, Verdict

Pair = tuple[Claim, Sequence[Passage]]
WORDS = st.sampled_from(
    ["aspirin thins blood", "the court held so", "5 mg a day", "a\x00b\ud800", "\ud83d\ude00 ok", "é"]
)


def passages_of(text: str) -> list[Passage]:
    return [Passage("d", Span(2, 2 + len(text)), text)]


CLAIMS = st.builds(lambda text, at: Claim(text, Span(at, at + len(text))), WORDS, st.integers(0, 50))
PAIRS = st.lists(st.tuples(CLAIMS, WORDS.map(passages_of)), max_size=12)


class Counting:
    """The lexical verifier, with what reached it; fails on claims about courts."""

    name = "counting"
    version = "1"

    def __init__(self) -> None:
        self.calls: list[list[Pair]] = []
        self.inner = LexicalVerifier()

    def verify(self, pairs: Sequence[Pair]) -> list[Verdict | Failure]:
        self.calls.append(list(pairs))
        usage = Usage("verify:counting", "m", input_tokens=3, requests=1)
        return [
            Failure(claim, "no reply", self.name, usage)
            if "court" in claim.text
            else replace(self.inner.verify([(claim, passages)])[0], usage=usage)
            for claim, passages in pairs
        ]


def free(results: Sequence[Verdict | Failure]) -> list[Verdict | Failure]:
    return [replace(r, usage=Usage("verify:counting", "m")) for r in results]


@given(PAIRS, PAIRS, st.booleans())
def test_results_are_those_of_the_verifier_and_repeats_are_free(
    first: list[Pair], second: list[Pair], on_disk: bool
) -> None:
    with TemporaryDirectory() as folder:
        inner = Counting()
        cached = CachedVerifier(inner, folder=Path(folder) if on_disk else None)
        for pairs in (first, second, second):
            calls = len(inner.calls)
            found = cached.verify(pairs)
            assert free(found) == free(Counting().verify(pairs))
            assert len(inner.calls) <= calls + 1
            asked = [p for call in inner.calls[calls:] for p in call]
            assert len({(c.text, p[0].text) for c, p in asked}) == len(asked)  # each pair once
            used = [r for r in found if r.usage.requests]
            assert len(used) == len(asked)
        assert all("court" in c.text for c, _ in asked)  # the third time only failures are asked again


@given(PAIRS)
def test_a_later_process_reads_what_an_earlier_one_wrote(pairs: list[Pair]) -> None:
    with TemporaryDirectory() as folder:
        CachedVerifier(Counting(), folder=Path(folder)).verify(pairs)
        later = Counting()
        assert free(CachedVerifier(later, folder=Path(folder)).verify(pairs)) == free(Counting().verify(pairs))
        joins = "\ud83d\ude00"  # two halves that JSON would join are not kept
        assert all("court" in c.text or joins in c.text + p[0].text for call in later.calls for c, p in call)
        assert not list(Path(folder).rglob("*.tmp"))


CLAIM = Claim("Aspirin thins blood.", Span(0, 20))
EVIDENCE = passages_of("Aspirin thins the blood.")


def asked_again(other: Pair, **changed: str) -> bool:
    inner = Counting()
    cached = CachedVerifier(inner, settings="a")
    cached.verify([(CLAIM, EVIDENCE)])
    for name, value in changed.items():
        setattr(cached if name == "settings" else inner, name, value)
    cached.verify([other])
    return len(inner.calls) == 2


def test_what_decides_a_verdict_is_in_its_key() -> None:
    same = (replace(CLAIM, span=Span(7, 27)), [replace(EVIDENCE[0])])
    assert not asked_again(same)
    cited = replace(CLAIM, citations=(Citation("[1]", Span(20, 23), "d"),))
    others: list[Pair] = [
        (replace(CLAIM, text="Aspirin thins blood!"), EVIDENCE),
        (cited, EVIDENCE),
        (CLAIM, [replace(EVIDENCE[0], doc_id="e")]),
        (CLAIM, [replace(EVIDENCE[0], span=Span(3, 27))]),
        (CLAIM, passages_of("Aspirin thins the blood?")),
        (CLAIM, [*EVIDENCE, *EVIDENCE]),
        (CLAIM, []),
    ]
    assert all(asked_again(other) for other in others)
    assert all(asked_again(same, **{name: "b"}) for name in ("name", "version", "settings"))


def test_settings_are_the_verifiers_own_where_it_has_any() -> None:
    strict, lax = (CachedVerifier(LexicalVerifier(threshold)) for threshold in (0.9, 0.2))
    assert strict.settings != lax.settings
    assert (strict.name, strict.version) == (LexicalVerifier().name, LexicalVerifier().version)


def test_unsupported_stretches_move_with_the_claim() -> None:
    inner = Scripted({"Gold.": 0.1}, {"Gold.": Span(11, 13)})
    cached = CachedVerifier(inner)
    cached.verify([(Claim("Gold.", Span(10, 15)), EVIDENCE)])
    [moved] = cached.verify([(Claim("Gold.", Span(30, 35)), EVIDENCE)])
    assert isinstance(moved, Verdict)
    assert (moved.claim.span, moved.unsupported) == (Span(30, 35), (Span(31, 33),))
    assert moved.usage == Usage("verify:scripted", "m")
    assert len(inner.calls) == 1


@pytest.mark.parametrize("damage", ["", "{}", "cut", "changed", "foreign", "schema"])
def test_damaged_entries_are_ignored_and_mended(tmp_path: Path, damage: str) -> None:
    CachedVerifier(Counting(), folder=tmp_path).verify([(CLAIM, EVIDENCE)])
    [entry] = tmp_path.rglob("*.json")
    whole = entry.read_text()
    spoilt = {"cut": whole[: len(whole) // 2], "changed": whole.replace('"supported"', '"refuted"')}
    if damage in ("foreign", "schema"):
        row = json.loads(whole.partition("\n")[2])
        body = json.dumps(row | ({"key": "0" * 64} if damage == "foreign" else {"schema": 2}))
        from hashlib import sha256

        spoilt[damage] = f"{sha256(body.encode()).hexdigest()}\n{body}\n"
    entry.write_text(spoilt.get(damage, damage))
    inner = Counting()
    [found] = CachedVerifier(inner, folder=tmp_path).verify([(CLAIM, EVIDENCE)])
    assert isinstance(found, Verdict)
    assert found.label is Label.SUPPORTED
    assert len(inner.calls) == 1
    assert entry.read_text() == whole


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that hold")
def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert len(CachedVerifier(Counting(), folder=tmp_path / "x").verify([(CLAIM, EVIDENCE)])) == 1


def test_a_file_in_place_of_the_folder_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    assert len(CachedVerifier(Counting(), folder=tmp_path / "x").verify([(CLAIM, EVIDENCE)])) == 1


def test_memory_forgets_what_was_longest_unused() -> None:
    inner = Counting()
    cached = CachedVerifier(inner, most=2)
    one, two, three = ((Claim(f"It is {n}.", Span(0, 8)), EVIDENCE) for n in (1, 2, 3))
    for pair in (one, two, one, three, one):
        cached.verify([pair])
    assert len(inner.calls) == 3  # "one" was used again before "three" came
    cached.verify([two])
    assert len(inner.calls) == 4


class Short(Counting):
    def verify(self, pairs: Sequence[Pair]) -> list[Verdict | Failure]:
        return []


def test_a_verifier_that_loses_pairs_is_named() -> None:
    with pytest.raises(ValueError, match="'counting' returned 0 results for 1 pairs"):
        CachedVerifier(Short()).verify([(CLAIM, EVIDENCE)])
