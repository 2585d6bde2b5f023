"""Where a gate's margins come from: the command line, else the pack (stated, or from money), else the default."""

import json
from collections.abc import Collection, Mapping

from ..scoring.estimate import from_json
from ..scoring.gate import Margin
from ..scoring.power import margin_from_money
from .accounts import GateTerms, gate_terms_in, terms_in
from .gate_runs import GateRefusedError, GateRun
from .run_folder import FINISHED

MEASURES = ("p", "correct", "abstained", "vcpd")
DEFAULTS = {"p": 0.03, "correct": 0.03, "abstained": 0.03, "vcpd": 0.05}
"""Points of a share; of VCpD the share that may be lost."""


def read_margins(texts: tuple[str, ...]) -> dict[str, float]:
    """`0.03`, `p=0.03`, `legal=0.02` or `legal.p=0.02`, by what stands before the equals sign.

    Raises:
        GateRefusedError: No number between 0 and 1.
    """
    found = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 < value < 1:
            raise GateRefusedError(
                f"--margin {text}: give a number between 0 and 1, as 0.03, p=0.03, legal=0.02 or legal.p=0.02"
            )
        found[name.strip()] = value
    return found


def check_margins(given: Mapping[str, float], domains: Collection[str]) -> None:
    """Refuse a margin that no test would use: a misspelt name must not leave the default in its place.

    Raises:
        GateRefusedError: It names neither a domain of the runs nor a measure; the message lists both.
    """
    known = {"", *MEASURES, *domains, *(f"{domain}.{measure}" for domain in domains for measure in MEASURES)}
    for name in given:
        if name not in known:
            raise GateRefusedError(
                f"--margin {name}={given[name]:g}: nothing is called '{name}'; domains are {', '.join(domains)}, "
                f"measures {', '.join(MEASURES)}"
            )


def margins_for(run: GateRun, model: str, domain: str, given: Mapping[str, float]) -> dict[str, Margin]:
    """The margin of each measure in one domain, with its source; `run` is the baseline, `model` its model."""
    terms = gate_terms_in(run.manifest, domain)
    money = _from_money(run, model, domain, terms)
    found = {}
    for measure in MEASURES:
        wide = (domain, "") if measure != "vcpd" else ()  # points of a share are no share of VCpD
        stated = next((given[k] for k in (f"{domain}.{measure}", measure, *wide) if k in given), None)
        name = f"margin_{measure}"
        if stated is not None:
            found[measure] = Margin(stated, "--margin")
        elif name in terms.gate:
            found[measure] = Margin(terms.gate[name], f"pack {domain}: {terms.sources.get(name, 'stated')}")
        elif measure != "vcpd" and isinstance(money, Margin):
            found[measure] = money
        else:
            why = f"default ({money})" if measure != "vcpd" and money else "default"
            found[measure] = Margin(DEFAULTS[measure], why)
    return found


def _from_money(run: GateRun, model: str, domain: str, terms: GateTerms) -> Margin | str:
    """The accepted rise of cost as points of p: rise * c_g / C_v, no more than the floor of quality leaves.

    A text: why there is none; "" where the pack declares no rise.
    """
    rise = terms.gate.get("accepted_cost_rise")
    if rise is None:
        return ""
    c_g, c_v, p = (_value(run, model, domain, name) for name in ("c_g_usd", "c_v_usd", "p"))
    if not c_g or not c_v:
        return "the baseline's c_g or C_v is not known, so money sets none"
    value, cap = margin_from_money(rise, c_g, c_v), _room(run, domain, p)
    said = f"from money: {rise:.3g} * c_g {c_g:.3g} / C_v {c_v:.3g} USD"
    if cap is not None and cap < value:
        return Margin(cap, f"{said}, cut to what the floor of quality leaves")
    return Margin(value, said) if value < 1 else "the accepted rise of cost sets no margin below 1"


def _room(run: GateRun, domain: str, p: float | None) -> float | None:
    """How much p may rise before answers miss the pack's floor; None where there is none, or it is missed already."""
    economics = terms_in(run.manifest, domain).economics
    if p is None or economics is None or economics.q_min is None:
        return None
    room = 1 - economics.q_min - p
    return room if room > 0 else None


def _value(run: GateRun, model: str, domain: str, measure: str) -> float | None:
    rows = from_json(json.loads((run.path / FINISHED).read_text(encoding="utf-8")))
    found = [r.estimate for r in rows if (r.model, r.domain, r.measure) == (model, domain, measure)]
    return found[0].value if found and found[0] is not None else None
