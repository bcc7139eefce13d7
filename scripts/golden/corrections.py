"""Writes the input of the tests of rewardctl-core's corrections, and prints their golden values.

    pip install numpy scipy statsmodels ppi-python && python3 scripts/golden/corrections.py

The values in the tests came from ppi-python 0.2.3, scipy 1.17.1 and statsmodels 0.15.0.
"""

import csv
from pathlib import Path

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from scipy import optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep

INPUT = Path(__file__).parents[2] / "crates/rewardctl-core/src/correction/golden.csv"
SEEN, UNSEEN = 60, 240

rng = np.random.default_rng(20261127)
truth = (rng.random(SEEN + UNSEEN) < 0.4).astype(int)
judge = np.where(rng.random(SEEN + UNSEEN) < np.where(truth == 1, 0.85, 0.3), 1, 0)
human = truth[:SEEN]
with INPUT.open("w", newline="") as file:
    rows = [(f, human[n] if n < SEEN else "") for n, f in enumerate(judge)]
    csv.writer(file, lineterminator="\n").writerows(rows)

y, f, unseen = human.astype(float), judge[:SEEN].astype(float), judge[SEEN:].astype(float)
for name, lam in [("ppi", 1.0), ("ppi tuned", None)]:
    mean = ppi_mean_pointestimate(y, f, unseen, lam=lam).item()
    if lam is None:
        # The λ that the estimate was made with.
        lam = optimize.brentq(lambda l: ppi_mean_pointestimate(y, f, unseen, lam=l).item() - mean, 0, 1, xtol=1e-15)
    error = np.sqrt((lam * unseen).var(ddof=1) / UNSEEN + (y - lam * f).var(ddof=1) / SEEN)
    t = stats.t.ppf(0.975, SEEN - 1)
    print(name, mean, "λ", lam, "error", error, "interval", mean - t * error, mean + t * error)
    print("   ppi_py's normal interval", [v.item() for v in ppi_mean_ci(y, f, unseen, alpha=0.05, lam=lam)])

p, q1, q0 = unseen.mean(), f[y == 1].mean(), 1 - f[y == 0].mean()
n1, n0 = int(y.sum()), int(SEEN - y.sum())


def rate(v):
    return (v[0] + v[2] - 1) / (v[1] + v[2] - 1)


at = np.array([p, q1, q0])
gradient = optimize.approx_fprime(at, rate, 1e-7)
variances = np.array([p * (1 - p) / UNSEEN, q1 * (1 - q1) / n1, q0 * (1 - q0) / n0])
error = np.sqrt((gradient**2 * variances).sum())
print("rogan-gladen", rate(at), "error", error, "sensitivity", q1, "specificity", q0)

clusters = np.arange(SEEN) // 3
means = y - y.mean()
sums = np.array([means[clusters == c].sum() for c in np.unique(clusters)])
G = len(sums)
print("people in clusters of three", y.mean(), np.sqrt(G / (G - 1) * (sums**2).sum()) / SEEN)

low, high = confint_proportions_2indep(56, 120, 41, 118, method="newcomb", compare="diff")
print("newcombe", 56 / 120 - 41 / 118, low, high)
