"""Measured pairs of serving variants: eta_q, eta_r, eta_d, eta_h from two throughputs between which one lever moved.

What a lever is worth is a ratio of dollars per output token at the SLO where both variants are priced on hardware, else
of throughputs; the factor is a function of the SLO, so two measurements under different SLOs make no pair.
"""

from .measured_pairs import FACTORS, MeasuredPair, PairsFileError
from .throughput import Throughput


def variant_pair(factor: str, before: Throughput, after: Throughput) -> MeasuredPair:
    """The pair of two variants of one model.

    Args:
        factor: The lever that moved: eta_q (quantization), eta_r (runtime), eta_d (decoding), eta_h (hardware).

    Raises:
        PairsFileError: No such factor, different SLOs, contexts or verification, an SLO that was not kept, or eta_h
            without a price of both variants.
    """
    if factor not in FACTORS:
        raise PairsFileError(f"'{factor}' is none of {', '.join(FACTORS)}")
    one, other = before.condition, after.condition
    for name in ("slo", "context", "verification"):
        if getattr(one, name) != getattr(other, name):
            raise PairsFileError(
                f"{before.model} and {after.model} make no pair: their {name} differs "
                f"({getattr(one, name)}; {getattr(other, name)}), and a factor holds under one condition"
            )
    for t in (before, after):
        if t.slo_kept is False:
            raise PairsFileError(f"{t.model} was measured where its SLO did not hold: its throughput is no T")
    priced = before.usd_per_mtok, after.usd_per_mtok
    if priced[0] is not None and priced[1] is not None:
        return _pair(factor, before, after, "usd_per_token", "usd/Mtok", (priced[0],), (priced[1],))
    if factor == "eta_h":
        raise PairsFileError("eta_h compares dollars: give both throughputs a price (vcpd throughput --gpu NAME)")
    rates = (before.raw_tokens_per_s,), (after.raw_tokens_per_s,)
    return _pair(factor, before, after, "throughput", "tokens/s", *rates)


def _pair(
    factor: str, before: Throughput, after: Throughput, kind: str, unit: str,
    was: tuple[float, ...], now: tuple[float, ...],
) -> MeasuredPair:  # fmt: skip
    source = f"{before.tool}, {before.measured_at}, and {after.tool}, {after.measured_at}; {before.condition.slo}"
    return MeasuredPair(factor, kind, before.model, after.model, was, now, unit, source, before.model)
