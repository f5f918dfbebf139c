"""
Which category and level a text speaks of: a small model, or "not sure".

Pieces of one to three signs and a logistic regression: no dictionary, a second to learn, any language. The confidence
is calibrated on texts that were held out, and below a threshold, set there too, the answer is "not sure".
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from gridplan.errors import IncidentError

PHRASES = Path(__file__).parent / "phrases.toml"
# Of the answers that are given, so many shall be right.
RIGHT = 0.9
FOLDS, FEWEST = 5, 8
_POWERS = tuple(round(1.1**step, 4) for step in range(-20, 31))
URGENT, NOT_URGENT = "emergency", ""
_LEARNING = Lock()


@dataclass(frozen=True)
class Suggestion:
    """
    What a text speaks of.

    Parameters
    ----------
    label
        The likeliest; None for "not sure".
    confidence
        Calibrated probability of the likeliest, 0 to 1.
    others
        The three likeliest with their probabilities, the likeliest first.
    """

    label: str | None
    confidence: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Score:
    """
    How good suggestions are, by cross validation on texts that the model did not see.

    Parameters
    ----------
    texts
        Texts that were tried.
    accuracy
        Share whose likeliest label is right, sure or not.
    answered
        Share that is answered at all.
    right
        Share of the answered that is right.
    threshold
        Confidence from which an answer is given.
    """

    texts: int
    accuracy: float
    answered: float
    right: float
    threshold: float


class Suggester:
    """
    Learned from texts and their labels; see `learn` and `shipped`.

    Parameters
    ----------
    model
        A fitted classifier of scikit-learn over texts.
    score
        How good it is.
    power
        To which its chances are raised, so that they mean what they say.
    """

    def __init__(self, model: Any, score: Score, power: float = 1.0) -> None:
        self._model, self.score, self._power = model, score, power

    @classmethod
    def learn(cls, texts: Sequence[str], labels: Sequence[str], *, right: float = RIGHT, seed: int = 0) -> Suggester:
        """
        Learn from labelled texts, the user's own or the shipped ones.

        Parameters
        ----------
        texts, labels
            One each. A label of fewer than eight texts is left out: nothing could be said of how good it is.
        right
            Share of answers that shall be right; what is less sure is "not sure".
        seed
            Of the folds.

        Raises
        ------
        IncidentError
            If fewer than two labels have eight texts.
        """
        names, counts = np.unique(np.asarray(labels, dtype=object).astype(str), return_counts=True)
        known = set(names[counts >= FEWEST])
        if len(known) < 2:
            raise IncidentError(f"suggest: expected two labels of at least {FEWEST} texts; found {len(known)}")
        pairs = [(text, str(label)) for text, label in zip(texts, labels, strict=True) if str(label) in known]
        kept, said = [text for text, _ in pairs], np.array([label for _, label in pairs])
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        # On matrices this small, threads wait for each other ten times as long as they compute.
        with threadpool_limits(1):
            held_out = cross_val_predict(_model(), kept, said, cv=folds, method="predict_proba")
            model = _model().fit(kept, said)
        power = _sharpness(held_out, np.unique(said), said)
        score = _score(_sharpened(held_out, power), np.unique(said), said, right)
        return cls(model, score, power)

    def suggest(self, text: str) -> Suggestion:
        """
        Suggest a label.

        Parameters
        ----------
        text
            What was said.
        """
        chances = _sharpened(self._model.predict_proba([text]), self._power)[0]
        order = np.argsort(-chances, kind="stable")[:3]
        others = tuple((str(self._model.classes_[place]), round(float(chances[place]), 4)) for place in order)
        label, confidence = others[0]
        return Suggestion(label if confidence >= self.score.threshold else None, confidence, others)


def shipped() -> tuple[Suggester, Suggester]:
    """Return what suggests categories, and what suggests whether it is an emergency, learned from shipped phrases."""
    with _LEARNING:  # who asks meanwhile waits, and does not learn it too
        return _learned()


@cache
def _learned() -> tuple[Suggester, Suggester]:
    texts, categories, levels = phrases()
    return Suggester.learn(texts, categories), Suggester.learn(texts, levels)


def phrases() -> tuple[list[str], list[str], list[str]]:
    """Return the shipped phrases, their categories, and ``emergency`` or ""."""
    table = tomllib.loads(PHRASES.read_text("utf-8"))
    rows = [(text, code) for code, texts in table.items() for text in texts]
    levels = [URGENT if text.startswith("!") else NOT_URGENT for text, _ in rows]
    return [text.removeprefix("!") for text, _ in rows], [code for _, code in rows], levels


def _model() -> Any:
    pieces = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, lowercase=True)
    return make_pipeline(pieces, LogisticRegression(C=20.0, max_iter=100, class_weight="balanced"))


def _sharpness(chances: NDArray[np.float64], names: NDArray[Any], said: NDArray[Any]) -> float:
    """Return the power of the chances that makes what was held out likeliest (temperature scaling, Guo 2017)."""
    truth = np.searchsorted(names, said)

    def loss(power: float) -> float:
        return -float(np.log(_sharpened(chances, power)[np.arange(len(said)), truth] + 1e-12).mean())

    return min(_POWERS, key=loss)


def _sharpened(chances: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    raised = chances**power
    shown: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shown


def _score(chances: NDArray[np.float64], names: NDArray[Any], said: NDArray[Any], right: float) -> Score:
    """Return how good held-out answers are, and the lowest confidence from which enough of them are right."""
    best, hit = chances.max(axis=1), names[chances.argmax(axis=1)] == said
    order = np.argsort(-best, kind="stable")
    running = np.cumsum(hit[order]) / np.arange(1, len(hit) + 1)
    enough = np.flatnonzero(running >= right)
    count = int(enough[-1]) + 1 if len(enough) else 0
    threshold = float(best[order[count - 1]]) if count else 1.0
    share = float(running[count - 1]) if count else 0.0
    return Score(len(said), float(hit.mean()), count / len(said), share, threshold)
