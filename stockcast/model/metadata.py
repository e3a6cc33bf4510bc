"""The JSON document inside a model file, and its checks."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stockcast.errors import UntrustedModel
from stockcast.evaluation.conformal import Calibration
from stockcast.evaluation.skill import Skill
from stockcast.evaluation.volatility_skill import VolatilitySkill
from stockcast.model.model import Model, Provenance
from stockcast.model.tensors import refuse_duplicates
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe, name_first_loss
from stockcast.windows.features import Columns
from stockcast.windows.har import HarPath
from stockcast.windows.scaling import Scalers
from stockcast.windows.series import check_parts

FORMAT: Literal[1] = 1


class Metadata(BaseModel):
    """All of a model but its weights; pydantic checks the plain dataclasses inside it too."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False
    )

    format: Literal[1] = FORMAT
    ticker: str = Field(max_length=256)
    recipe: Recipe
    columns: Columns
    scalers: Scalers
    path: HarPath | None = None
    provenance: Provenance
    skill: Skill | None
    how_far: VolatilitySkill | None = None
    calibration_count: int | None = Field(ge=1, le=1_000_000)

    @model_validator(mode="before")
    @classmethod
    def _name_loss(cls, document: Any) -> Any:
        """Files of versions with one loss do not name it."""
        return name_first_loss(document)

    @model_validator(mode="after")
    def _check_parts(self) -> Metadata:
        check_parts(self.recipe, self.columns, self.scalers, self.path)
        shrinkage = self.provenance.shrinkage
        if shrinkage is not None:
            steps = {len(shrinkage.which_way), len(shrinkage.how_far)}
            if steps != {self.recipe.horizon}:
                raise ValueError("the shrinkage is not that of the recipe")
        return self

    @classmethod
    def from_model(cls, model: Model) -> Metadata:
        """Take a model's metadata out of it."""
        return cls(
            ticker=model.ticker,
            recipe=model.recipe,
            columns=model.columns,
            scalers=model.scalers,
            path=model.path,
            provenance=model.provenance,
            skill=model.skill,
            how_far=model.how_far,
            calibration_count=model.calibration and model.calibration.count,
        )

    def to_model(self, weights: Weights, calibration: Calibration | None) -> Model:
        """Build the model from its metadata and arrays."""
        return Model(
            ticker=self.ticker,
            recipe=self.recipe,
            columns=self.columns,
            scalers=self.scalers,
            path=self.path,
            weights=weights,
            provenance=self.provenance,
            skill=self.skill,
            how_far=self.how_far,
            calibration=calibration,
        )


def parse_metadata(text: str, *, where: str) -> Metadata:
    """Parse and check a model file's JSON document.

    Raises:
        UntrustedModel: not JSON, another format version, or a value that cannot be.
    """
    try:
        document = json.loads(text, object_pairs_hook=refuse_duplicates)
    except (ValueError, RecursionError) as error:
        raise UntrustedModel(f"{where}: its metadata are not JSON: {error}") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise UntrustedModel(
            f"{where}: model format {found!r}, this version of stockcast reads {FORMAT}",
            hint="train the model again, or use the version of stockcast that wrote it",
        )
    try:
        return Metadata.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "metadata"
        raise UntrustedModel(f"{where}: {place}: {first['msg']}") from None
