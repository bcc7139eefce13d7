"""Prints the golden values of the tests of rewardctl-core's rank, proportion and independence.

    pip install numpy scipy && python3 scripts/golden/ranks_and_shares.py

The values in the tests came from scipy 1.17.1.
"""

import numpy as np
from scipy import stats

X = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
Y = [2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5]
WEIGHTS = [1, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1]

print("spearman", stats.spearmanr(X, Y).statistic)
print("weighted spearman", stats.spearmanr(np.repeat(X, WEIGHTS), np.repeat(Y, WEIGHTS)).statistic)
print("kendall", stats.kendalltau(X, Y, variant="b").statistic)

for hits, count in [(56, 120), (0, 24), (24, 24), (1, 3), (7, 768)]:
    interval = stats.binomtest(hits, count).proportion_ci(method="wilson")
    print("wilson", hits, count, interval.low, interval.high)

ERRORS = [
    [0.0, 1.0, 0.0, 0.5, 1.0, 0.0, 0.0, 1.0],
    [0.0, 1.0, 0.5, 0.0, 1.0, 0.0, 1.0, 1.0],
    [1.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0],
]
matrix = np.corrcoef(ERRORS)
mean = matrix[np.triu_indices(3, 1)].mean()
print("mean correlation", mean, "effective", 3 / (1 + 2 * mean))
