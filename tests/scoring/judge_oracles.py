"""Other estimators of p beside an imperfect judge, for comparison only: each fails where ours must not."""

from math import sqrt

from vcpd.scoring.judge_tables import JudgeTable, Stratum

Z = 1.959963984540054


def table(a: int, b: int, c: int, d: int, flagged: int, unflagged: int) -> JudgeTable:
    """Labelled wrong & flagged, wrong & unflagged, right & flagged, right & unflagged; then unlabelled by verdict."""
    return JudgeTable(Stratum(a + c + flagged, a + c, a), Stratum(b + d + unflagged, b + d, b))


def rogan_gladen(flag_rate: float, sensitivity: float, specificity: float) -> float:
    """Prevalence from the flagged share; undefined where Se + Sp <= 1."""
    if sensitivity + specificity <= 1:
        raise ZeroDivisionError("Se + Sp <= 1")
    return (flag_rate + specificity - 1) / (sensitivity + specificity - 1)


def ppi_plus_plus(t: JudgeTable) -> tuple[float, float, float]:
    """PPI++ mean (arXiv:2311.01453) with plug-in lambda and the normal interval: value, low, high."""
    n, unlabelled = t.labelled, t.pool - t.labelled
    y, j = (t.flagged.wrong + t.unflagged.wrong) / n, t.flagged.labelled / n
    u = (t.flagged.pool - t.flagged.labelled) / unlabelled
    covariance = t.flagged.wrong / n - y * j
    q = t.flagged.pool / t.pool
    variance = q * (1 - q) * t.pool / (t.pool - 1)
    lam = min(1.0, max(0.0, covariance / ((1 + n / unlabelled) * variance))) if variance else 0.0
    residual = y * (1 - y) + lam**2 * j * (1 - j) - 2 * lam * covariance
    half = Z * sqrt(max(residual, 0.0) / n + lam**2 * u * (1 - u) / unlabelled)
    value = y + lam * (u - j)
    return value, value - half, value + half
