"""Prints the golden values of the tests of rewardctl-core's clopper_pearson, guarantee, conformal, drift and wilcoxon.

    pip install numpy scipy && python3 scripts/golden/guarantees.py

The values in the tests came from scipy 1.17.1.
"""

import numpy as np
from scipy import stats

print("clopper-pearson: hits, count, delta, lower, upper")
for hits, count, delta in [
    (1, 40, 0.1), (3, 57, 0.05), (17, 60, 0.1), (1, 1000, 0.01), (250, 5000, 0.1), (49, 50, 0.025), (2000, 100000, 0.1),
]:
    lower = stats.beta.ppf(delta, hits, count - hits + 1)
    upper = stats.beta.ppf(1 - delta, hits + 1, count - hits)
    print((hits, count, delta, float(lower), float(upper)))

print("binomial tails: hits, count, rate, P(at most), P(at least)")
for hits, count, rate in [(3, 40, 0.1), (9, 40, 0.1), (40, 900, 0.05), (70, 900, 0.05), (1, 12, 0.3)]:
    print((hits, count, rate, float(stats.binom.cdf(hits, count, rate)), float(stats.binom.sf(hits - 1, count, rate))))

print("errors none: least calibration pairs for alpha, delta")
for alpha, delta in [(0.05, 0.1), (0.1, 0.1), (0.15, 0.1), (0.01, 0.1), (0.2, 0.05)]:
    count = 1
    while stats.beta.ppf(1 - delta, 1, count) > alpha:
        count += 1
    print((alpha, delta, count))

print("two starts: alpha, then threshold, kept, errors, bound")
places = np.arange(120)
confidence = np.round(1 - 0.5 * (places * 37 % 120 / 120) ** 2, 2)
correct = (places * 53 % 97) / 97 < confidence + 0.05


def least(alpha, delta):
    return int(np.ceil(np.log(delta) / np.log(1 - alpha)))


for alpha in (0.1, 0.15, 0.2):
    early, late = max(np.ceil(4 / alpha), least(alpha, 0.02)), max(60, least(alpha, 0.08))
    parts = {early: 0.02, late: 0.08} if early < late else {max(60, least(alpha, 0.1)): 0.1}
    found, level, spent = None, 0.0, set()
    for threshold in sorted(set(confidence), reverse=True):
        kept = confidence >= threshold
        m, k = int(kept.sum()), int((kept & ~correct).sum())
        for start, part in parts.items():
            if start <= m and start not in spent:
                spent.add(start)
                level += part
        if level == 0:
            continue
        bound = 1.0 if k == m else stats.beta.ppf(1 - level, k + 1, m - k)
        if bound <= alpha:
            found = (float(threshold), m, k, float(bound))
        else:
            level = 0.0
    print((alpha, found))

print("wilcoxon signed-rank: smaller rank sum, p (two-sided)")
exact = np.array([0.7, -0.2, 1.3, 0.9, -0.4, 1.1, 0.3, -0.1, 0.8, 1.7])
tied = np.array([1.0, -1, 2, 2, 0, 3, -2, 4, 5, 0, 2, 3, -1, 2, 6])
many = np.array([(place * 37 % 83 - 30) / 8 for place in range(80)])
for name, values, method in [("exact", exact, "exact"), ("tied", tied, "asymptotic"), ("many", many, "asymptotic")]:
    result = stats.wilcoxon(values, zero_method="wilcox", correction=False, method=method)
    print((name, float(result.statistic), float(result.pvalue)))

print("conformal law: alpha .1, n 99, 2.5 and 97.5 % of the coverage")
print([float(q) for q in stats.beta.ppf([0.025, 0.975], 90, 10)])
