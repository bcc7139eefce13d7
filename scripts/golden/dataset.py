"""Golden numbers of `rewardctl-core/src/dataset`: run it and compare with the tests. Needs nothing beside Python."""

import statistics


def pool(values):
    return statistics.mean(values), statistics.stdev(values), statistics.median_low(values)


def mu_minus_2_sigma(rewards):
    """The rewards below the best, and the one closest to the mean less two (population) standard deviations."""
    target = statistics.mean(rewards) - 2 * statistics.pstdev(rewards)
    return target, min(sorted(rewards)[:-1], key=lambda reward: abs(reward - target))


def auroc(good, bad):
    wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    return wins / (len(good) * len(bad))


print("pool", pool([2, 4, 4, 4, 5, 5, 7, 9]))
print("mu - 2 sigma", mu_minus_2_sigma([0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.1, 0.0]))
print("mu - 2 sigma", mu_minus_2_sigma([0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.3, 0.05]))
print("mu - 2 sigma", mu_minus_2_sigma([0.9] * 9 + [0.5, 0.3]))
print("quality", (0.5 * 0.8 * 0.8 * 1.0) ** 0.25)
print("auroc", auroc([3, 2, 5], [2, 4]))
