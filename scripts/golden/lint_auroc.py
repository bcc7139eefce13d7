"""Golden number of crates/rewardctl-data/src/lint/histogram.rs: pip install scikit-learn, then run it."""

from sklearn.metrics import roc_auc_score

PAIRS = [(10, 3), (7, 7), (2, 9), (120, 40), (40, 41), (5, 5), (300, 12), (8, 80)]

chosen, rejected = zip(*PAIRS)
labels = [1] * len(chosen) + [0] * len(rejected)
print(roc_auc_score(labels, list(chosen) + list(rejected)))
