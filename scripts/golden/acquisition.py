"""Prints the golden values of the tests of rewardctl-core's acquire and learning_curve.

    pip install numpy scipy && python3 scripts/golden/acquisition.py

The values in the tests came from scipy 1.17.1 and numpy 2.4.6.
"""

import numpy as np
from scipy import integrate, optimize, special, stats

C2 = np.pi * np.log(2) / 2
K = np.sqrt(np.pi / 8)


def entropy(p):
    return float((special.entr(p) + special.entr(1 - p)) / np.log(2))


def closed(mean, variance):
    m, s = K * mean, K * K * variance
    return entropy(stats.norm.cdf(m / np.sqrt(s + 1))) - np.sqrt(C2 / (s + C2)) * np.exp(-m * m / (2 * (s + C2)))


def integral(mean, variance, link):
    sd = np.sqrt(variance)
    over = lambda f: integrate.quad(
        lambda z: stats.norm.pdf(z) * f(link(mean + sd * z)), -9, 9, points=[-mean / sd] if abs(mean) < 9 * sd else None,
        limit=400, epsabs=1e-12)[0]
    return entropy(over(lambda p: p)) - over(entropy)


print("bald: mean, variance, closed form, integral with probit, integral with logit")
for mean, variance in [(0.0, 0.25), (0.0, 2.0), (0.7, 1.5), (-1.5, 4.0), (2.5, 0.5), (3.0, 9.0), (0.2, 25.0)]:
    values = closed(mean, variance), integral(mean, variance, lambda m: stats.norm.cdf(K * m)), integral(
        mean, variance, special.expit)
    print((mean, variance, *(float(v) for v in values)))

print("covariance after one label: difference, weight, then the matrix by inversion")
sigma = np.array([[2.0, 0.3, -0.4], [0.3, 1.0, 0.2], [-0.4, 0.2, 0.5]])
d = np.array([1.0, -0.5, 2.0])
print([float(v) for v in np.linalg.inv(np.linalg.inv(sigma) + 0.21 * np.outer(d, d)).ravel()])

print("greedy D-optimal with determinants recomputed from scratch: places in order, gains")
places = np.arange(40)
rows = np.stack([np.sin(places * 1.7), np.cos(places * 2.3), np.sin(places * 0.9 + 1)], axis=1)
means = rows @ np.array([0.8, -0.5, 0.3])
precision, picked, gains = np.linalg.inv(sigma), [], []
for _ in range(8):
    covariance = np.linalg.inv(precision)
    variances = np.einsum("ij,jk,ik->i", rows, covariance, rows)
    p = special.expit(means / np.sqrt(1 + np.pi * variances / 8))
    gain = 0.5 * np.log1p(p * (1 - p) * variances)
    gain[picked] = -1
    best = int(gain.argmax())
    picked.append(best)
    gains.append(float(gain[best]))
    precision = precision + max(p[best] * (1 - p[best]), 1e-3) * np.outer(rows[best], rows[best])
print(picked, gains)

print("learning curve: counts, errors, then a, b, c, squared error")
for counts, errors in [
    ([20, 40, 80, 160, 320], [0.262, 0.214, 0.182, 0.161, 0.148]),
    ([10, 20, 40, 80, 160, 320], [0.30, 0.24, 0.20, 0.165, 0.15, 0.138]),
]:
    n, e = np.array(counts, float), np.array(errors)

    def loss(theta):
        a, b, c = np.exp(theta)
        return float(np.sum((e - a - b * n**-c) ** 2)) * 1e6

    best = min(
        (optimize.minimize(loss, np.log([a, 1.0, c]), method="Nelder-Mead",
                           options={"xatol": 1e-13, "fatol": 1e-13, "maxiter": 40000, "maxfev": 40000})
         for a in (0.05, 0.12) for c in (0.3, 0.7, 1.2)), key=lambda r: r.fun)
    print([float(v) for v in np.exp(best.x)], best.fun / 1e6)
