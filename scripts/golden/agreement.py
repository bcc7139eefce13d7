"""Prints the golden values of the tests of rewardctl-core's agreement.

    pip install numpy scikit-learn statsmodels krippendorff && python3 scripts/golden/agreement.py

The values in the tests came from scikit-learn 1.9.1, statsmodels 0.15.0 and krippendorff 0.9.0.
"""

import krippendorff
import numpy as np
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

ONE = [2, 1, 4, 0, 2, 2, 3, 1, 0, 4, 2, 3]
OTHER = [2, 3, 3, 1, 4, 2, 1, 2, 0, 4, 3, 3]
for weights in [None, "linear", "quadratic"]:
    print("cohen", weights, repr(cohen_kappa_score(ONE, OTHER, labels=range(5), weights=weights)))

ROWS = [[0, 0, 1], [2, 2, 2], [1, 1, 2], [0, 0, 0], [0, 1, 2], [1, 1, 1], [2, 0, 2], [1, 0, 1]]
print("fleiss", fleiss_kappa(aggregate_raters(np.array(ROWS))[0]))

RATINGS = [
    [2, 2, 3, 3], [1, 3, 2, 2], [4, 3, 9, 3], [0, 1, 0, 0], [2, 4, 2, 2], [9, 2, 2, 3],
    [3, 9, 9, 9], [1, 2, 1, 1], [0, 0, 0, 1], [4, 4, 4, 9], [2, 3, 2, 3], [3, 3, 4, 4],
]
VALUES = np.array([1.0, 2.0, 3.5, 4.0, 8.0])
data = np.array([[np.nan if c == 9 else VALUES[c] for c in row] for row in RATINGS]).T
for level in ["nominal", "ordinal", "interval", "ratio"]:
    print("alpha", level, krippendorff.alpha(reliability_data=data, level_of_measurement=level))
