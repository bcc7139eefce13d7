"""Golden numbers for the fit of the aggregator: MAP logistic regression with its Laplace evidence, the same with weights
that may not be negative, and proportional odds.

    python -m pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 pandas==3.1.1
    python scripts/golden/aggregator_fit.py > crates/rewardctl-model/src/learn/golden.json
"""
import json
import sys

import numpy as np
from scipy.optimize import minimize
from statsmodels.miscmodels.ordinal_model import OrderedModel

rng = np.random.default_rng(20261127)


def logistic():
    rows = rng.normal(size=(80, 5))
    truth = np.array([1.0, -0.6, 0.4, 0.0, -1.0])
    y = (rng.random(80) < 1 / (1 + np.exp(-rows @ truth))).astype(float)
    mean, precision = np.array([0.5, 0.5, 0.5, 0.0, 0.0]), np.array([2.0, 2.0, 2.0, 1.0, 1.0])

    def value(w):
        margin = rows @ w
        return np.logaddexp(0, margin).sum() - y @ margin + 0.5 * (precision * (w - mean) ** 2).sum()

    def slope(w):
        return rows.T @ (1 / (1 + np.exp(-rows @ w)) - y) + precision * (w - mean)

    options = dict(jac=slope, method="L-BFGS-B", options=dict(maxiter=10_000, ftol=1e-16, gtol=1e-12))
    w = minimize(value, mean, **options).x
    bounded = minimize(value, mean, bounds=[(0, None)] * 3 + [(None, None)] * 2, **options).x
    p = 1 / (1 + np.exp(-rows @ w))
    hessian = rows.T @ (rows * (p * (1 - p))[:, None]) + np.diag(precision)
    evidence = -value(w) + 0.5 * np.log(precision).sum() - 0.5 * np.linalg.slogdet(hessian)[1]
    return dict(X=rows.tolist(), y=y.tolist(), w0=mean.tolist(), lam=precision.tolist(), w=w.tolist(),
                cov=np.linalg.inv(hessian).tolist(), laplace_log_evidence=evidence, w_nonneg_first3=bounded.tolist())


def ordinal():
    rows = rng.normal(size=(120, 2))
    latent = rows @ np.array([1.2, -0.7]) + rng.logistic(size=120)
    y = np.digitize(latent, [-1.0, 0.3, 1.5])
    model = OrderedModel(y, rows, distr="logit")
    fit = model.fit(method="bfgs", maxiter=2000, gtol=1e-10, disp=False)
    thresholds = model.transform_threshold_params(fit.params)[1:-1]
    return dict(X=rows.tolist(), y=[int(level) for level in y], coef=list(fit.params[:2]),
                thresholds=list(thresholds), llf=fit.llf)


json.dump(dict(map_logit=logistic(), ordinal=ordinal()), sys.stdout)
