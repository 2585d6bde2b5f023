"""What a gate can see: its smallest margin, and how many more items would settle an open question."""

from math import ceil

from scipy.special import ndtri

from .paired import PairedTable
from .power import PairedTest

MOST = 10_000_000
"""Items beyond which a number is no advice."""


def least_margin(table: PairedTable, test: PairedTest) -> float:
    """The smallest margin that passes an unchanged model with the test's power, at the discordance that was seen.

    At least what as many items without any change can show: z^2 / (n + z^2), Tango's bound of an empty table.
    """
    z = float(ndtri(1 - test.alpha))
    formula = min(1.0, test.z * (_discordance(table) / table.n) ** 0.5) if table.n >= 1 else 1.0
    return max(formula, z**2 / (table.n + z**2))


def more_items(table: PairedTable, margin: float, test: PairedTest, compared: int) -> int | None:
    """Items beyond the `compared` ones at which the gate decides with its power, if what was seen is the truth.

    Either way: enough to pass (z^2 (discordance - loss^2) / (margin - loss)^2, and no fewer than an unchanged model
    needs), or enough to prove the loss. None where the estimate sits so close to the margin that no number is advice.
    """
    z, loss, discordance = float(ndtri(1 - test.alpha)), table.loss, _discordance(table)
    wanted = []
    if loss < margin:
        passes = test.z**2 * max(discordance - loss**2, 0.0) / (margin - loss) ** 2
        wanted.append(max(passes, z**2 * (1 - margin) / margin))
    if loss > 0:
        wanted.append(test.z**2 * discordance / loss**2)
    if not wanted:
        return None
    total = min(wanted) * compared / table.n
    return max(1, ceil(total) - compared) if total <= MOST else None


def _discordance(table: PairedTable) -> float:
    """Half an item each way added: where none differed, some would."""
    return max((table.worse + table.better + 1) / (table.n + 2), abs(table.loss))
