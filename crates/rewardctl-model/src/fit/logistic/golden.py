"""Golden numbers for the fits of text heads: logistic regression with soft targets and a ridge per column.

Run with numpy and scipy; the numbers stand in `tests.rs` beside this file and in `../compare/tests.rs`.
"""

import numpy as np
from scipy.optimize import minimize, minimize_scalar

X = np.array([[1.0, 0.5], [-0.3, 1.2], [0.8, -0.7], [-1.1, 0.1], [0.4, 0.9]])
t = np.array([1.0, 0.75, 0.5, 1.0, 0.2])
ridge = np.array([0.5, 2.0])


def loss(beta):
    m = X @ beta
    return np.sum(np.logaddexp(0, m) - t * m) + 0.5 * np.sum(ridge * beta * beta)


print("ridge", minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-12}).x.tolist())
p = 1 / (1 + np.exp(-X @ minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-12}).x))
print("hessian", ((X * (p * (1 - p))[:, None]).T @ X + np.diag(ridge)).tolist())

margins, targets = np.array([2.0, -1.0, 0.5, 3.0]), np.array([1.0, 0.9, 0.6, 1.0])


def tempered(log):
    m = margins / np.exp(log)
    return np.sum(np.logaddexp(0, m) - targets * m) + 0.5 * (log / 0.5) ** 2


print("temperature", float(np.exp(minimize_scalar(tempered, bounds=(-3, 3), method="bounded", options={"xatol": 1e-12}).x)))
