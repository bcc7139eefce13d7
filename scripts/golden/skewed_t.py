"""Shows why rewards are not tested with a plain t test: how often a mean that lies on its threshold passes and fails at 5 %,
with Student's t and with Hall's transformation of it, for numbers that crowd at one end of their range.

    pip install numpy scipy && python3 scripts/golden/skewed_t.py
"""

import numpy as np
from scipy import stats

RUNS = 20_000
random = np.random.default_rng(5)
DRAWS = {
    "even": (0.5, lambda shape: random.random(shape)),
    "beta(8, 1.5)": (8 / 9.5, lambda shape: random.beta(8, 1.5, shape)),
    "beta(4, 0.5)": (4 / 4.5, lambda shape: random.beta(4, 0.5, shape)),
    "grades of 5": (0.7975, lambda shape: random.choice([0, 0.25, 0.5, 0.75, 1], shape, p=[0.03, 0.05, 0.12, 0.3, 0.5])),
}

print(f"{'':>14} {'n':>4}  t: passes fails   Hall: passes fails")
for name, (mean, draw) in DRAWS.items():
    for n in [30, 50, 100, 200, 400]:
        x = draw((RUNS, n))
        average, deviation = x.mean(1), x.std(1, ddof=1)
        t = (average - mean) / deviation * np.sqrt(n)
        a = stats.skew(x, axis=1) / np.sqrt(n)
        hall = t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6
        critical = stats.t.ppf(0.95, n - 1)
        shares = [(value > critical).mean() for value in (t, -t, hall, -hall)]
        print(f"{name:>14} {n:>4}  {shares[0]:>9.3f} {shares[1]:>5.3f}  {shares[2]:>12.3f} {shares[3]:>5.3f}")
