"""How often two models of equal error rate are told apart: the share of draws in which one is ahead, when tied.

Both answer the same questions; `overlap` says how much of what makes a question hard is common to them. A share below
.05 (or above .95) is a wrong call; each should come in about 5 % of runs. Beside it the same from draws in which the
two error rates are comonotone, as they are where cells are made one by one with the seed of their domain.

    python tests/benchmarks/frontier_ties.py

400 runs (s.e. up to 1.2 points for the joint draws), p = .1: at n = 50 joint draws call wrongly below .05 in 4.0 % and
above .95 in 5.0 % (overlap 0), 3.7 and 4.0 % (.8); at n = 200 in 6.5 and 4.3 %, 6.2 and 4.0 %. Comonotone draws in
37-47 % on each side.
"""

import numpy as np
from vcpd.scoring.cell import DomainTerms, make_cell
from vcpd.scoring.comparison import Arm, joint_cells
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, Record
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"m": Price(1.0, 1.0)})
DRAWS = DrawSettings(n=1000)
RUNS = 400  # two minutes of one processor


def arm(label: str, wrong: np.ndarray) -> Arm:
    """One model's answers to as many questions."""
    usage = (Usage("generate", "m", input_tokens=100, requests=1),)
    records = [
        Record(
            "r",
            "m",
            "d",
            f"s{i:04}",
            f"c{i:04}",
            1,
            1,
            Outcome.INCORRECT if w else Outcome.CORRECT,
            OutcomeBy.KEY,
            delivered_tokens=10,
            usage=usage,
        )
        for i, w in enumerate(wrong.tolist())
    ]
    return Arm(label, tuple(records), {}, DomainTerms())


def ahead(one: np.ndarray, other: np.ndarray) -> float:
    """Share of draws in which the first is better, ties halved."""
    return float(np.mean(one[1:] > other[1:]) + np.mean(one[1:] == other[1:]) / 2)


def main() -> None:
    """Print the share of wrong calls for each size, error rate and overlap."""
    rng = np.random.default_rng(0)
    print("   n    p  overlap   joint: <.05  >.95   comonotone: <.05  >.95")
    for n, p in ((50, 0.1), (200, 0.1)):
        for overlap in (0.0, 0.8):
            found = []
            for _ in range(RUNS):
                shared, own = rng.uniform(size=n), rng.uniform(size=(2, n))
                sides = np.where(rng.uniform(size=(2, n)) < overlap, shared, own) < p
                arms = [arm("x", sides[0]), arm("y", sides[1])]
                joint = [c.joint.q for c in joint_cells(arms, PRICES, DRAWS).values()]
                apart = [make_cell(list(a.records), {}, a.terms, PRICES, DRAWS).joint.q for a in arms]
                found.append((ahead(*joint), ahead(*apart)))
            table = np.array(found)
            low, high = (table < 0.05).mean(axis=0), (table > 0.95).mean(axis=0)
            print(f"{n:4} {p:4}  {overlap:7}   {low[0]:11.3f} {high[0]:5.3f}   {low[1]:16.3f} {high[1]:5.3f}")


if __name__ == "__main__":
    main()
