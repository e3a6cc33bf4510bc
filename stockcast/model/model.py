"""Model: recipe, scaler numbers, weights and provenance; it holds no TensorFlow object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from stockcast.evaluation.conformal import Calibration
from stockcast.evaluation.shrinkage import Shrinkage
from stockcast.evaluation.skill import Skill, describe_verdict
from stockcast.evaluation.volatility_skill import VolatilitySkill, word_how_far
from stockcast.networks.network import Weights
from stockcast.plurals import count_of
from stockcast.prices.history import PriceHistory
from stockcast.recipe import EngineName, Recipe
from stockcast.windows.features import Columns, choose_columns
from stockcast.windows.har import HarPath
from stockcast.windows.scaling import Scalers


@dataclass(frozen=True)
class Provenance:
    """What a model was trained on and with.

    Attributes:
        rows: rows of the training span.
        first_date: ISO date of its first row.
        last_date: ISO date of its last row; nothing later was seen by the scalers, nor by the
            weights but for the choice of the best epoch.
        known_to: ISO date of the last row of the validation span; nothing later was seen at all
            but for the skill, and for the calibration if there is no validation span.
        data_sha256: of the bytes of the price files.
        epochs: epochs run.
        best_epoch: the epoch (from 1) whose weights these are.
        versions: library name to version.
        tickers: of a pooled model, those that it was trained on.
        engine: what computed the training.
        rows_sha256: of the ticker's own bars in those files; empty of a pooled model, and where it
            is not known.
        shrinkage: how far its answers are believed; None if they are taken at their word.
    """

    rows: int
    first_date: str
    last_date: str
    known_to: str
    data_sha256: str
    epochs: int
    best_epoch: int
    versions: dict[str, str]
    tickers: tuple[str, ...] = ()
    engine: EngineName = "tensorflow"  # as it was before there was a choice
    rows_sha256: str = ""
    shrinkage: Shrinkage | None = None


@dataclass(frozen=True)
class Model:
    """A trained network and all that a forecast with it needs.

    Attributes:
        ticker: whose prices it was trained on; empty for a pooled model.
        recipe: every choice that defines it.
        columns: what it sees and what it forecasts.
        scalers: one a feature.
        path: how far the price will move, which the network may add to; None of earlier versions
            and of other targets than log returns.
        how_far: how its volatility did on the held-out span; None if it was not judged.
        weights: float32, as they were trained; forecasts come from those that are `believed`.
        provenance: what it was trained on.
        skill: how it did on the held-out span; None if there was none.
        calibration: how far off it was where its weights were not fitted; None if nothing was
            held out.
    """

    ticker: str
    recipe: Recipe
    columns: Columns
    scalers: Scalers
    weights: Weights
    provenance: Provenance
    skill: Skill | None
    calibration: Calibration | None
    path: HarPath | None = None
    how_far: VolatilitySkill | None = None

    @cached_property
    def believed(self) -> Weights:
        """Its weights, with answers that count as far as they were borne out."""
        shrinkage = self.provenance.shrinkage
        return self.weights if shrinkage is None else shrinkage.shrink(self.weights)

    @property
    def verdict(self) -> str:
        """What it is worth: how far the price goes, if that was judged, and which way."""
        how_far = "" if self.how_far is None else word_how_far(self.how_far)
        return describe_verdict(self.skill, how_far)

    @property
    def name(self) -> str:
        """Whose model it is, for a message."""
        return self.ticker or f"a pool of {count_of(len(self.provenance.tickers), 'ticker')}"

    def adapt(self, history: PriceHistory) -> Model:
        """Return the model as it sees one ticker.

        A pooled one whose column is `auto` forecasts each ticker's adjusted close where there is
        one, else its close, as it was trained to; any other is what it is.

        Raises:
            UnreadablePrices: the history has neither.
        """
        is_open = (
            self.recipe.pooled and self.recipe.column == "auto" and not self.recipe.seen_columns
        )
        if not is_open or self.columns.header is not None:
            return self
        columns = choose_columns(history, self.recipe)
        seen = self.columns
        columns = replace(columns, signals=seen.signals, covariates=seen.covariates)
        adapted = replace(self, columns=columns)
        vars(adapted)["believed"] = self.believed  # the same arrays, however many tickers there are
        return adapted
