"""Writes the golden values of the tests of rewardctl-core's consensus, as Rust.

    pip install crowd-kit==1.4.2 cleanlab==2.9.0
    python3 scripts/golden/consensus.py > crates/rewardctl-core/src/consensus/tests/golden.rs

The values came from crowd-kit 1.4.2 and cleanlab 2.9.0 with numpy 2.4.6, pandas 3.1.1 and scipy 1.17.1.
Methods run for a fixed number of iterations, so that where they stop decides nothing; Dawid-Skene also to its end.
"""

import warnings

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_label_quality_multiannotator
from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote, OneCoinDawidSkene

warnings.filterwarnings("ignore")
ITEMS, ANNOTATORS, CLASSES = 14, 5, 3
ALL = -1e300


def data() -> pd.DataFrame:
    """Draws the labels; sorted, as crowd-kit's MACE mixes up annotators whose order is not that of their names."""
    rng = np.random.default_rng(20260729)
    truth = rng.integers(0, CLASSES, ITEMS)
    accuracy = [0.9, 0.75, 0.6, 0.5, 0.8]
    rows = []
    for item in range(ITEMS):
        for annotator in range(ANNOTATORS):
            if item == 0 or annotator == item % ANNOTATORS or rng.random() < 0.7:
                is_right = rng.random() < accuracy[annotator]
                rows.append((item, annotator, truth[item] if is_right else rng.integers(0, CLASSES)))
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    frame.loc[frame.index[:3], "label"] = range(CLASSES)
    return frame


def rust(name: str, values, kind: str = "f64") -> None:
    values = np.asarray(values).ravel().tolist()
    body = ", ".join(repr(value) for value in values)
    print(f"#[rustfmt::skip]\npub const {name}: [{kind}; {len(values)}] = [{body}];")


def table(frame: pd.DataFrame) -> np.ndarray:
    return frame.reindex(index=range(ITEMS), columns=range(CLASSES)).to_numpy()


def confusion(errors: pd.DataFrame) -> np.ndarray:
    """Returns [annotator][truth][label], 0 for labels that the annotator never gave."""
    full = np.zeros((ANNOTATORS, CLASSES, CLASSES))
    for (annotator, label), row in errors.iterrows():
        full[annotator, :, label] = row[list(range(CLASSES))]
    return full


def main() -> None:
    votes = data()
    print("//! Written by `scripts/golden/consensus.py`.\n")
    print(f"pub const ITEMS: usize = {ITEMS};\npub const ANNOTATORS: usize = {ANNOTATORS};")
    print(f"pub const CLASSES: usize = {CLASSES};")
    body = ", ".join(f"({t}, {w}, {l})" for t, w, l in votes.itertuples(index=False))
    print(f"#[rustfmt::skip]\npub const VOTES: [(u32, u32, u32); {len(votes)}] = [{body}];")

    majority = MajorityVote().fit(votes)
    rust("MAJORITY", table(majority.probas_))
    rust("MAJORITY_SKILLS", majority.skills_.sort_index())
    for name, iterations in [("DAWID_SKENE_3", 3), ("DAWID_SKENE_40", 40)]:
        fitted = DawidSkene(n_iter=iterations, tol=ALL).fit(votes)
        rust(name, table(fitted.probas_))
        rust(f"{name}_PRIOR", fitted.priors_.sort_index())
        rust(f"{name}_CONFUSION", confusion(fitted.errors_))
    fitted = DawidSkene(n_iter=1000, tol=1e-10).fit(votes)
    rust("DAWID_SKENE_END", table(fitted.probas_))
    rust("DAWID_SKENE_ITERATIONS", [len(fitted.loss_history_)], "usize")
    fitted = OneCoinDawidSkene(n_iter=1000, tol=1e-10).fit(votes)
    rust("ONE_COIN_END", table(fitted.probas_))
    rust("ONE_COIN_ITERATIONS", [len(fitted.loss_history_)], "usize")
    fitted = OneCoinDawidSkene(n_iter=25, tol=ALL).fit(votes)
    rust("ONE_COIN_25", table(fitted.probas_))
    rust("ONE_COIN_25_SKILLS", fitted.skills_.sort_index())
    fitted = GLAD(n_iter=6, tol=ALL, m_step_max_iter=2000, m_step_tol=1e-9).fit(votes)
    rust("GLAD_6", table(fitted.probas_))
    rust("GLAD_6_ABILITIES", fitted.alphas_.sort_index())
    rust("GLAD_6_EASE", fitted.betas_.sort_index())
    start = MACE(random_state=0)
    start._initialize(ANNOTATORS, CLASSES)
    rust("MACE_START_GUESSING", start.spamming_[:, 0])
    rust("MACE_START_GUESSES", start.thetas_)
    fitted = MACE(n_restarts=1, n_iter=20, random_state=0).fit(votes)
    rust("MACE_20", table(fitted.probas_))
    rust("MACE_20_KNOWING", fitted.spamming_[:, 1])
    crowdlab(votes)


def crowdlab(votes: pd.DataFrame) -> None:
    rng = np.random.default_rng(7)
    model = rng.dirichlet(np.full(CLASSES, 0.8), ITEMS).round(4)
    model[:, -1] = 1 - model[:, :-1].sum(axis=1)
    for item in range(ITEMS):
        # A model that is right more often than not.
        model[item] = 0.5 * model[item] + 0.5 * (np.arange(CLASSES) == table(MajorityVote().fit(votes).probas_)[item].argmax())
    wide = votes.pivot(index="task", columns="worker", values="label").reindex(range(ITEMS))
    found = get_label_quality_multiannotator(wide, model, verbose=False, return_weights=True)
    labels = found["label_quality"]
    rust("MODEL", model)
    rust("CROWDLAB_LABELS", labels["consensus_label"], "u32")
    rust("CROWDLAB_PROBABILITIES", labels["consensus_quality_score"])
    rust("CROWDLAB_WEIGHTS", found["annotator_weight"])
    rust("CROWDLAB_MODEL_WEIGHT", [found["model_weight"]])
    rust("CROWDLAB_QUALITY", found["annotator_stats"].sort_index()["annotator_quality"])


if __name__ == "__main__":
    main()
