"""Golden values of rewardctl-core/src/within.rs: numpy and scipy on residuals, Fisher's interval of a partial correlation."""

import numpy as np
from scipy import stats

PAIRS = [(0, 1, 0.2), (0, 2, 0.5), (0, 4, 0.4), (1, 3, 0.9), (1, 1, 0.6), (2, 9, 0.1), (3, 2, 0.3), (3, 5, 0.35), (3, 6, 0.8)]

cluster, x, y = (np.array(column, dtype=float) for column in zip(*PAIRS))
paired = np.isin(cluster, [c for c in set(cluster) if (cluster == c).sum() > 1])
cluster, x, y = cluster[paired], x[paired], y[paired]
for c in set(cluster):
    x[cluster == c] -= x[cluster == c].mean()
    y[cluster == c] -= y[cluster == c].mean()
r = stats.pearsonr(x, y).statistic
half = stats.norm.ppf(0.975) / np.sqrt(len(x) - (len(set(cluster)) - 1) - 3)
print(repr(r), repr(np.tanh(np.arctanh(r) - half)), repr(np.tanh(np.arctanh(r) + half)))
