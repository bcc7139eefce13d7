"""Prints the golden values of the tests of rewardctl-core's gate and experiment statistics.

    pip install scipy statsmodels && python3 scripts/golden/gates.py

The values in the tests came from scipy 1.17.1 and statsmodels 0.15.0.
"""

import numpy as np
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestIndPower, TTestPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize, proportions_ztest

P = [0.04, 0.001, 0.3, 0.012, 0.04, 0.9]
for method in ["holm", "fdr_bh"]:
    print(method, multipletests(P, method=method)[1].tolist())

for lost, gained in [(12, 5), (3, 14), (6, 6), (1, 0)]:
    exact = mcnemar([[0, lost], [gained, 0]], exact=True).pvalue
    n, k = lost + gained, min(lost, gained)
    half = 0.5 * stats.binom.pmf(k, n, 0.5)
    mid = 1 - half if lost == gained else 2 * (stats.binom.cdf(k, n, 0.5) - half)
    print("mcnemar", lost, gained, exact, mid)

for hits, counts in [((542, 568), (623, 624)), ((41, 56), (118, 120))]:
    z, p = proportions_ztest(hits[::-1], counts[::-1])
    for alpha in [0.05, 0.01]:
        interval = confint_proportions_2indep(hits[1], counts[1], hits[0], counts[0], method="newcomb", alpha=alpha)
        print("two proportions", hits, counts, z, p, alpha, *interval)

BEFORE = [0.61, 0.72, 0.55, 0.81, 0.44, 0.68, 0.93]
AFTER = [0.71, 0.79, 0.88, 0.62, 0.95, 0.83, 0.77, 0.91, 0.69]
welch = stats.ttest_ind(AFTER, BEFORE, equal_var=False)
interval = welch.confidence_interval(0.95)
print("welch", welch.statistic, welch.df, welch.pvalue, interval.low, interval.high)

for counts, shares in [((623, 624), (1, 1)), ((5000, 5300), (1, 1)), ((900, 310, 290), (3, 1, 1))]:
    expected = np.array(shares) / sum(shares) * sum(counts)
    print("sample ratio", counts, stats.chisquare(counts, expected).pvalue)

# CUPED: one slope, an intercept for each arm.
X = np.array([0.5, 1.5, 1.0, 3.0, 0.0, 1.0, 2.0])
Y = np.array([1.0, 2.0, 2.5, 4.0, 2.0, 3.5, 3.0])
ARM = np.array([0, 0, 0, 0, 1, 1, 1])
design = np.column_stack([ARM == 0, ARM == 1, X]).astype(float)
a, b, theta = np.linalg.lstsq(design, Y, rcond=None)[0]
print("cuped", theta, b - a)

for effect, pairs, alpha, alternative in [(0.3, 90, 0.05, "two-sided"), (0.2, 40, 0.05, "larger"), (0.5, 12, 0.01, "larger")]:
    power = TTestPower().power(effect, pairs, alpha, alternative=alternative)
    print("paired power", effect, pairs, alpha, alternative, power)
for effect, arms, alpha, alternative in [(0.3, (175, 175), 0.05, "two-sided"), (0.25, (60, 180), 0.05, "larger")]:
    power = TTestIndPower().power(effect, arms[0], alpha, ratio=arms[1] / arms[0], alternative=alternative)
    print("unpaired power", effect, arms, alpha, alternative, power)
print("pairs needed", TTestPower().solve_power(0.3, None, 0.05, 0.8), TTestPower().solve_power(0.1, None, 0.05, 0.9, "larger"))
print("arms needed", TTestIndPower().solve_power(0.3, None, 0.05, 0.8))
print("paired detectable", TTestPower().solve_power(None, 50, 0.05, 0.8))
print("unpaired detectable", TTestIndPower().solve_power(None, 100, 0.05, 0.8))
effect = proportion_effectsize(0.6, 0.5)
print("proportions power", NormalIndPower().power(effect, 300, 0.05), NormalIndPower().solve_power(effect, None, 0.05, 0.8))

EVEN = [sign * n * 0.01 + 0.005 for n in range(1, 17) for sign in (1, -1)]
for threshold in [-0.02, 0.03]:
    larger = stats.ttest_1samp(EVEN, threshold, alternative="greater")
    smaller = stats.ttest_1samp(EVEN, threshold, alternative="less")
    print("student", threshold, larger.pvalue, smaller.pvalue)
interval = stats.ttest_1samp(EVEN, 0).confidence_interval(0.90)
print("student bounds", interval.low, interval.high)

# Hall's transformation of t, and its bounds by search.
CROWDED = np.array([1 - n * n / 1500 for n in range(36)])


def unskewed(mean):
    n = len(CROWDED)
    a = stats.skew(CROWDED) / np.sqrt(n)
    t = (CROWDED.mean() - mean) / (CROWDED.std(ddof=1) / np.sqrt(n))
    return t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6


critical = stats.t.ppf(0.95, len(CROWDED) - 1)
print("hall", stats.t.sf(unskewed(0.65), len(CROWDED) - 1),
      optimize.brentq(lambda mean: unskewed(mean) - critical, 0, CROWDED.mean(), xtol=1e-14),
      optimize.brentq(lambda mean: unskewed(mean) + critical, CROWDED.mean(), 1, xtol=1e-14))

# Length control: wins regressed on the standardised difference of lengths, clustered by prompt.
WON = np.array([1, 1, 0, 1, 0.5, 1, 0, 1, 1, 0, 0, 1.0])
LENGTHS = np.array([[120, 80], [300, 90], [60, 90], [200, 210], [150, 150], [400, 100],
                    [90, 140], [220, 180], [130, 60], [80, 200], [170, 160], [260, 110]], float)
PROMPT = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
apart = LENGTHS[:, 0] - LENGTHS[:, 1]
feature = np.tanh(apart / np.sqrt(np.mean(apart**2)))
fit = sm.GLM(WON, np.column_stack([np.ones(12), feature]), family=sm.families.Binomial()).fit(
    cov_type="cluster", cov_kwds={"groups": PROMPT, "use_correction": False})
print("length control", fit.params.tolist(), fit.bse.tolist())
