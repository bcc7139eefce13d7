"""Prints the golden values of the tests of rewardctl-core's betting: the capital process of Waudby-Smith and Ramdas
(JRSS B 2024, section 4) with predictable plug-in bets, one mean at a time.

    pip install numpy && python3 scripts/golden/betting.py
"""

import numpy as np

ALPHA = 0.05
x = np.array([place * 37 % 61 for place in range(60)]) / 60.0
t = np.arange(1, len(x) + 1)
mean = (0.5 + np.cumsum(x)) / (t + 1)
variance = (0.25 + np.cumsum((x - mean) ** 2)) / (t + 1)
before = np.concatenate([[0.25], variance[:-1]])
AT_THE_END = np.sqrt(2 * np.log(1 / ALPHA) / (len(x) * before))
AT_ANY_TIME = np.sqrt(2 * np.log(1 / ALPHA) / (before * t * np.log(t + 1)))


def p_value(bets, m, side):
    if side == "at most":
        factors = 1 + np.minimum(bets, 0.75 / m) * (x - m)
    else:
        factors = 1 - np.minimum(bets, 0.75 / (1 - m)) * (x - m)
    return min(1.0, 1.0 / max(1.0, np.cumprod(factors).max()))


def bound(bets, side):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        refuted = p_value(bets, middle, side) <= ALPHA
        if refuted == (side == "at most"):
            low = middle
        else:
            high = middle
    return low


for bets in (AT_THE_END, AT_ANY_TIME):
    print(bound(bets, "at most"), bound(bets, "at least"))
print(p_value(AT_ANY_TIME, 0.3, "at most"))
