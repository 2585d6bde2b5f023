"""Medicines, their doses, routes and frequencies in one text, and where a claim differs from a source in them."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..retrieval.passages import Span
from .drugs import FoundDrug, bind_doses, find_drugs
from .negation import stem
from .numbers import Quantity
from .regimens import Frequency, Route, find_frequencies, find_routes, implies_oral

_DOSING = re.compile(r"\b(?:dos(?:e[sd]?|age|ing)|administ|inject|infus|inhal|tablet|capsule|medic|drug)", re.I)
DOSE_UNITS = ("g", "IU", "mol", "eq", "L")
"""First part of the dimension of a dose: mass, international units, amount of substance, equivalents, volume."""

Dose = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class Medication:
    """What a claim says of medicines, with places.

    Attributes:
        doses: Each dose that belongs to a medicine: its name, dimension and value in base units, and its place.
    """

    drugs: tuple[FoundDrug, ...] = ()
    doses: tuple[tuple[Dose, Span], ...] = ()
    routes: tuple[Route, ...] = ()
    frequencies: tuple[Frequency, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceMedication:
    """What a source says of medicines: names, doses of each, routes, times a day."""

    drugs: frozenset[str] = frozenset()
    doses: frozenset[Dose] = frozenset()
    routes: frozenset[str] = frozenset()
    per_day: frozenset[float] = frozenset()
    oral_form: bool = False


NO_MEDICATION = Medication()
NO_SOURCE_MEDICATION = SourceMedication()


def medication_of(text: str, quantities: Sequence[Quantity]) -> Medication:
    """What `text`, whose quantities are known, says of medicines."""
    drugs = find_drugs(text)
    of_medicine = [q for q in quantities if q.dimension.split("/")[0] in DOSE_UNITS]
    doses = _doses(text, drugs, of_medicine)
    routes = find_routes(text)
    if routes and not (drugs or of_medicine or _DOSING.search(text)):
        routes = []
    return Medication(tuple(drugs), tuple(doses), tuple(routes), tuple(find_frequencies(text)))


def source_medication_of(text: str, quantities: Sequence[Quantity]) -> SourceMedication:
    """What `text`, whose quantities are known, offers for comparison."""
    found = medication_of(text, quantities)
    return SourceMedication(
        frozenset(d.name for d in found.drugs),
        frozenset(dose for dose, _ in found.doses),
        frozenset(r.name for r in found.routes),
        frozenset(f.per_day for f in found.frequencies),
        implies_oral(text),
    )


def _doses(text: str, drugs: Sequence[FoundDrug], doses: Sequence[Quantity]) -> Iterator[tuple[Dose, Span]]:
    if not drugs:
        return
    owners = bind_doses(text, drugs, [q.span for q in doses])
    for q, owner in zip(doses, owners, strict=True):
        if owner:
            yield (owner, q.dimension, q.value), q.span


def differences(
    claim: Medication, source: SourceMedication, words: Collection[str]
) -> Iterator[tuple[str, Span, bool]]:
    """What of the claim the source lacks: its kind ("drug", "route", "frequency"), its place, whether it says other.

    `words` are the stems of the source: a name that only a dose beside it tells is there where the word is.
    A dose that the source gives for another medicine only, where it gives other doses for this one, is a "drug" too.
    """
    for drug in claim.drugs:
        if drug.name not in source.drugs and (drug.is_known or stem(drug.name) not in words):
            yield "drug", drug.span, bool(source.drugs)
    yield from (("drug", span, True) for dose, span in claim.doses if _exchanged(dose, source))
    for route in claim.routes:
        if route.name not in source.routes and not (route.name == "oral" and source.oral_form):
            yield "route", route.span, bool(source.routes)
    for frequency in claim.frequencies:
        if frequency.per_day not in source.per_day:
            yield "frequency", frequency.span, bool(source.per_day)


def _exchanged(dose: Dose, source: SourceMedication) -> bool:
    drug, dimension, value = dose
    others = {d for d, unit, v in source.doses if (unit, v) == (dimension, value)}
    mine = {v for d, unit, v in source.doses if d == drug and unit == dimension}
    return bool(others) and drug not in others and bool(mine)
