import numpy as np
import pytest
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.comparison import Arm, DifferentSamplesError
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.effect import paired_effect
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, Record
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"m": Price(1.0, 4.0)})
DRAWS = DrawSettings(n=2000)


def arm(label: str, outcomes: list[Outcome], tokens: int = 100) -> Arm:
    usage = (Usage("generate", "m", tokens, output_tokens=20, requests=1),)
    records = tuple(
        Record("r", "m", "d", f"s{i}", f"s{i}", 1, 1, outcome, OutcomeBy.KEY, delivered_tokens=10, usage=usage)
        for i, outcome in enumerate(outcomes)
    )
    return Arm(label, records, {}, DomainTerms())


RIGHT, WRONG, UNKNOWN = Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED


def test_the_effect_by_hand() -> None:
    before = arm("off", [WRONG] * 30 + [RIGHT] * 30, tokens=100)
    after = arm("lexical", [WRONG] * 15 + [RIGHT] * 45, tokens=200)
    found = {change.measure: change for change in paired_effect(before, after, PRICES, DRAWS).changes}
    p = found["p"]
    assert p.before is not None
    assert p.after is not None
    assert p.change is not None
    assert (p.before.value, p.after.value, p.change.value) == pytest.approx((0.5, 0.25, -0.25))
    assert p.change.high is not None
    assert p.change.high < 0
    vcpd = found["vcpd"].change
    assert vcpd is not None
    dollars = 100 + 4 * 20, 200 + 4 * 20
    assert vcpd.value == pytest.approx((0.75 / 0.5) * dollars[0] / dollars[1])
    assert found["verified_answer_rate"].change is not None
    assert found["verified_answer_rate"].change.value == pytest.approx(0.25)


def test_no_change_is_no_change_draw_by_draw() -> None:
    outcomes = [WRONG, RIGHT, RIGHT, UNKNOWN] * 12
    found = paired_effect(arm("a", outcomes), arm("b", outcomes), PRICES, DRAWS)
    for change in found.changes:
        assert change.change is not None
        assert change.change.value == pytest.approx(0.0 if change.kind == "difference" else 1.0)
        assert change.change.low is not None
        assert change.change.low <= change.change.value


def test_pairing_narrows_the_interval() -> None:
    rng = np.random.default_rng(0)
    outcomes = [WRONG if x else RIGHT for x in rng.random(200) < 0.4]
    better = [RIGHT if i < 20 else outcome for i, outcome in enumerate(outcomes)]
    [change] = [
        c for c in paired_effect(arm("a", outcomes), arm("b", better), PRICES, DRAWS).changes if c.measure == "p"
    ]
    assert change.before is not None
    assert change.change is not None
    assert change.change.low is not None
    assert change.change.high is not None
    assert change.before.low is not None
    assert change.before.high is not None
    assert change.change.high - change.change.low < change.before.high - change.before.low


def test_undefined_and_refused() -> None:
    found = {c.measure: c for c in paired_effect(arm("a", [UNKNOWN] * 9), arm("b", [RIGHT] * 9), PRICES, DRAWS).changes}
    assert found["p"].change is None
    assert "nothing was attempted" in found["p"].note
    with pytest.raises(DifferentSamplesError):
        paired_effect(arm("a", [RIGHT] * 3), arm("b", [RIGHT] * 4), PRICES, DRAWS)
    with pytest.raises(ValueError, match="the same name"):
        paired_effect(arm("a", [RIGHT] * 3), arm("a", [RIGHT] * 3), PRICES, DRAWS)
