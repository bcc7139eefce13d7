"""Writes the input of the tests of rewardctl-core's calibration and selective figures, and prints their golden values.

    pip install numpy scipy scikit-learn uncertainty-calibration && python3 scripts/golden/probabilities.py

The values in the tests came from scikit-learn 1.9.1 and uncertainty-calibration 0.1.4.
"""

import csv
from pathlib import Path

import calibration
import numpy as np
from sklearn import metrics

INPUT = Path(__file__).parents[2] / "crates/rewardctl-core/src/calibration/golden.csv"
BINS = 10

rng = np.random.default_rng(20261127)
# Two decimals, so that many probabilities tie; 0 and 1 among them, and every bin is in use.
p = np.clip(np.round(rng.beta(1.2, 1.1, 150), 2), 0, 1)
p[:4] = [0.0, 1.0, 0.5, 0.5]
y = (rng.random(150) < 0.15 + 0.6 * p).astype(int)
with INPUT.open("w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows(zip(p, y))


def in_bins(bin_of, figure):
    """Sums `figure(p, y)` over the bins, weighted with their shares."""
    return sum((bin_of == b).mean() * figure(p[bin_of == b], y[bin_of == b]) for b in np.unique(bin_of))


width = np.minimum((p * BINS).astype(int), BINS - 1)
# The bin of a probability is that of the middle of the ranks that share it.
values, counts = np.unique(p, return_counts=True)
middles = dict(zip(values, np.cumsum(counts) - counts / 2))
mass = np.array([int(middles[q] / len(p) * BINS) for q in p])


def gap(q, t):
    return abs(q.mean() - t.mean())


def chance(q, _):
    return np.sqrt(2 / np.pi * (q * (1 - q)).sum()) / len(q)


print("brier", metrics.brier_score_loss(y, p))
print("log loss", metrics.log_loss(y, p))
print("auroc", metrics.roc_auc_score(y, p))
print("auprc", metrics.average_precision_score(y, p))
print("ece, equal width", in_bins(width, gap))
print("ece, equal mass", in_bins(mass, gap))
print("ece by chance", in_bins(width, chance))
data = [list(zip(p[width == b], y[width == b])) for b in np.unique(width)]
print("debiased", np.sqrt(calibration.utils.unbiased_square_ce(data)))

confidence = np.maximum(p, 1 - p)
loss = np.where(p == 0.5, 0.5, (p > 0.5) != (y == 1))
curve = [(t, loss[confidence >= t].mean(), (confidence >= t).mean()) for t in np.unique(confidence)[::-1]]
print("aurc", sum(risk * (confidence == t).mean() for t, risk, _ in curve))
print("first points", curve[:3], "last", curve[-1])
