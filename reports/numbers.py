"""How numbers are written: three significant digits, mostly two for ends of intervals, a dash where undefined."""

from ..scoring.estimate import Estimate

_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def share(e: Estimate | None) -> str:
    """A share as ".123"; "-" where undefined."""
    return "-" if e is None else _share(e.value)


def share_interval(e: Estimate | None) -> str:
    """A share with its interval, ".123 [.045, .234]"."""
    if e is None:
        return "-"
    if e.low is None or e.high is None:
        return _share(e.value)
    return f"{_share(e.value)} [{_share(e.low)}, {_share(e.high)}]"


def _share(value: float) -> str:
    text = f"{value:.3f}"
    return text[1:] if text.startswith("0.") else text


def amount(value: float, digits: int = 3) -> str:
    """So many significant digits, with k, M or G above a thousand: "1.23M", "0.00456", "12.3"."""
    for step, letter in _STEPS:
        if float(f"{abs(value):.{digits - 1}e}") >= step:
            return f"{_significant(value / step, digits)}{letter}"
    return _significant(value, digits)


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    rounded = f"{value:.{digits - 1}e}"
    exponent = int(rounded.partition("e")[2])
    if exponent < -4:
        return rounded.replace("e-0", "e-")
    return f"{float(rounded):.{max(0, digits - 1 - exponent)}f}"


def amount_of(e: Estimate | None) -> str:
    """An amount; "-" where undefined."""
    return "-" if e is None else amount(e.value)


def amount_interval(e: Estimate | None) -> str:
    """An amount with its interval, "1.23k [980, 1.5k]"; without one where it is unbounded."""
    if e is None:
        return "-"
    if e.low is None or e.high is None:
        return f"{amount(e.value)} [unbounded]"
    inside = float(f"{e.low:.1e}") <= float(f"{e.value:.2e}") <= float(f"{e.high:.1e}")
    digits = 2 if inside else 3  # rounded more coarsely than the value, an end may pass it
    return f"{amount(e.value)} [{amount(e.low, digits)}, {amount(e.high, digits)}]"


def printable(text: str) -> str:
    """`text` on one line, with a question mark for every control character: names come from outside."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
