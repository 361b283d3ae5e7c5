"""The most likely answers, against a plain EM, and with planted annotators."""

import numpy as np

from goldleaf.agreement.dawid_skene import dawid_skene


def planted(seed, accuracies=(0.85, 0.85, 0.85), lefts=0, items=400, classes=3, share=1.0):
    """Return the truth and the answers of annotators of known accuracy, and left-pickers."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    said = [
        np.where(rng.random(items) < right, truth, (truth + rng.integers(1, classes, items)) % 3)
        for right in accuracies
    ]
    said = np.stack(said + [np.zeros(items, int)] * lefts)
    there = rng.random(said.shape) < share
    there[0, ~there.any(axis=0)] = True
    who, item = np.nonzero(there)
    return truth, item, who, said[who, item]


def plain_em(items, who, answers, classes):
    """Return the classes by Dawid and Skene's formulas, with loops and without a prior."""
    count, people = items.max() + 1, who.max() + 1
    likely = np.zeros((count, classes))
    for item, answer in zip(items, answers, strict=True):
        likely[item, answer] += 1
    likely /= likely.sum(axis=1, keepdims=True)
    for _ in range(300):
        prior = likely.mean(axis=0)
        confusion = np.full((people, classes, classes), 1e-10)
        for item, person, answer in zip(items, who, answers, strict=True):
            confusion[person, :, answer] += likely[item]
        confusion /= confusion.sum(axis=2, keepdims=True)
        likely = np.tile(prior, (count, 1))
        for item, person, answer in zip(items, who, answers, strict=True):
            likely[item] *= confusion[person, :, answer]
        likely /= likely.sum(axis=1, keepdims=True)
    return likely


def test_without_shrinkage_it_is_the_published_em():
    _, items, who, answers = planted(3, items=60)
    expected = plain_em(items, who, answers, 3)
    found = dawid_skene(items, who, answers, 3, shrinkage=0).classes
    # The prior of the classes alone is smoothed.
    assert np.abs(found - expected).max() < 0.05
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()


def test_left_pickers_are_seen_through():
    truth, items, who, answers = planted(7, lefts=2)
    counts = np.zeros((400, 3))
    np.add.at(counts, (items, answers), 1)
    consensus = dawid_skene(items, who, answers, 3)
    assert (consensus.answer == truth).mean() > 0.9 > (counts.argmax(axis=1) == truth).mean()
    assert (consensus.confusion[3:, :, 0] > 0.9).all()
    right = consensus.answer == truth
    confidence = consensus.classes.max(axis=1)
    assert confidence[right].mean() > confidence[~right].mean()
    assert np.allclose(consensus.classes.sum(axis=1), 1)


def test_few_answers_are_shrunk_towards_the_pooled_matrix():
    """Five answers do not make a person infallible."""
    truth, items, who, answers = planted(9, (0.8, 0.8, 0.8))
    newcomer = np.arange(5)
    items, who = np.append(items, newcomer), np.append(who, np.full(5, 3))
    answers = np.append(answers, truth[:5])
    shrunk = dawid_skene(items, who, answers, 3).confusion[3]
    sure = dawid_skene(items, who, answers, 3, shrinkage=0).confusion[3]
    settled = np.unique(truth[:5])
    assert (np.diag(shrunk)[settled] < np.diag(sure)[settled]).all()


def test_the_order_of_answers_plays_no_part():
    _, items, who, answers = planted(11, lefts=1, share=0.6)
    order = np.random.default_rng(1).permutation(len(items))
    one = dawid_skene(items, who, answers, 3)
    other = dawid_skene(items[order], who[order], answers[order], 3)
    assert np.allclose(one.classes, other.classes, atol=1e-9)
