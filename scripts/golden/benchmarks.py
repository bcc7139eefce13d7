"""Prints the golden value of the test of RewardBench 2's subset `Ties` in rewardctl-core.

    pip install numpy && python3 scripts/golden/benchmarks.py
"""

import numpy as np

# By prompt: the right and the wrong scores of the tied prompt, and of its twin with one right response.
PROMPTS = [
    (([5, 4.5, 4.75], [3, 1]), ([2], [1.75, 0.5])),
    (([2, 2], [2.5, 1]), ([4], [1, 1])),
    (([1, 3], [0.5]), ([1], [0])),
    (([1, 1], [1]), ([1], [1])),
]

tied = np.array([min(right) - max(wrong) for (right, wrong), _ in PROMPTS])
twin = np.array([min(right) - max(wrong) for _, (right, wrong) in PROMPTS])
spread = np.array([np.ptp(right) for (right, _), _ in PROMPTS])
smaller = np.minimum(tied, twin)
with np.errstate(divide="ignore", invalid="ignore"):
    margin = np.nan_to_num(np.tanh(smaller / spread - 1), nan=0.0)
print(
    0.3 * (tied > 0).mean()
    + 0.3 * (twin > 0).mean()
    + 0.2 * (tied > spread).mean()
    + 0.2 * (smaller > spread).mean()
    + 0.01 * margin.mean()
)
