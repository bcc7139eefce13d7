"""Writes the input of the tests of rewardctl-core's Bradley-Terry model, and prints their golden values.

    pip install numpy scipy choix evalica statsmodels && python3 scripts/golden/rankings.py

The values in the tests came from choix 0.4.1, evalica 0.4.2 and statsmodels 0.15.0.
"""

import csv
from pathlib import Path

import choix
import evalica
import numpy as np
import statsmodels.api as sm
from evalica import Winner

INPUT = Path(__file__).parents[2] / "crates/rewardctl-core/src/bradley_terry/golden.csv"
MODELS = 5

rng = np.random.default_rng(20261127)
theta = np.array([0.8, 0.1, 0.0, -0.4, -0.9])
rows = []
for n in range(160):
    a, b = (int(m) for m in rng.choice(MODELS, 2, replace=False))
    wins = rng.random() < 1 / (1 + np.exp(theta[b] - theta[a]))
    winner = "tie" if rng.random() < 0.2 else ("a" if wins else "b")
    rows.append((a, b, winner, int(rng.integers(1, 4)), n // 4))
with INPUT.open("w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows(rows)

names = {"a": Winner.X, "b": Winner.Y, "tie": Winner.Draw}
a, b, winners, weights, clusters = zip(*rows)
found = evalica.bradley_terry(
    [str(m) for m in a], [str(m) for m in b], [names[w] for w in winners], weights=[float(w) for w in weights],
    tolerance=1e-14, limit=100_000,
)
print("evalica", np.log([found.scores[str(m)] for m in range(MODELS)]).tolist())

# Each comparison as wins of one half, as often as twice its weight says.
games = []
for x, y, winner, weight, _ in rows:
    pairs = {"a": [(x, y)] * 2, "b": [(y, x)] * 2, "tie": [(x, y), (y, x)]}[winner]
    games += pairs * weight
for ridge in [0.0, 0.5]:
    # choix penalises `alpha Σ θ²`, and twice the games want twice the penalty.
    params = choix.opt_pairwise(MODELS, games, alpha=ridge, method="BFGS", tol=1e-12)
    print(f"choix, ridge {ridge}", (params - params.mean()).tolist())

# The sandwich with clusters: binomial regression with weights and without a constant, the last model as zero.
x = np.zeros((len(games), MODELS))
for n, (won, lost) in enumerate(games):
    x[n, won], x[n, lost] = 1, -1
owner = np.repeat(clusters, 2 * np.array(weights))
# Rows of outcomes 1 alone are turned around at random: a constant outcome is refused.
turn = np.arange(len(games)) % 2 == 0
x[turn] *= -1
fit = sm.GLM((~turn).astype(float), x[:, :-1], family=sm.families.Binomial()).fit(tol=1e-14, maxiter=100)
H = np.linalg.inv(fit.cov_params())
scores = x[:, :-1] * ((~turn) - fit.fittedvalues)[:, None]
sums = np.array([scores[owner == c].sum(0) for c in np.unique(owner)])
G = len(sums)
cov = np.linalg.inv(H) @ (sums.T @ sums) @ np.linalg.inv(H) * G / (G - 1)
print("sandwich errors less the last", np.sqrt(np.diag(cov)).tolist())
robust = sm.GLM((~turn).astype(float), x[:, :-1], family=sm.families.Binomial()).fit(
    tol=1e-14, maxiter=100, cov_type="cluster", cov_kwds={"groups": owner, "use_correction": False})
print("statsmodels, cluster, without correction", (robust.bse * np.sqrt(G / (G - 1))).tolist())
