"""Golden values for src/interval.rs: pip install statsmodels==0.15.0 scipy==1.17.1 && python clustered_mean.py"""
import numpy as np
import statsmodels.api as sm
from scipy import stats

values = [(0, 0.2), (0, 0.4), (1, 0.9), (2, 0.5), (2, 0.7), (2, 0.6), (3, 0.1), (4, 0.8), (4, 0.3)]
groups, y = np.array([g for g, _ in values]), np.array([v for _, v in values])
fit = sm.OLS(y, np.ones(len(y))).fit(
    cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, use_t=True
)
clusters = len(set(groups))
error = fit.bse[0] * np.sqrt(clusters / (clusters - 1))
half = stats.t.ppf(0.975, clusters - 1) * error
print(f"mean {y.mean():.15f} sd {y.std(ddof=1):.15f} low {y.mean() - half:.15f} high {y.mean() + half:.15f}")
