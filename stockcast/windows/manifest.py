"""What a prepared folder says of itself: manifest.json, and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from stockcast.errors import UnreadablePrices
from stockcast.prices.history import Source
from stockcast.recipe import Recipe, name_first_loss
from stockcast.windows.features import Columns
from stockcast.windows.har import HarPath
from stockcast.windows.scaling import Scalers
from stockcast.windows.series import check_parts

MANIFEST = "manifest.json"
SpanName = Literal["train", "validation", "test"]
SPANS: tuple[SpanName, ...] = get_args(SpanName)
PREPARE_AGAIN = "prepare the folder again"
_FORMAT: Literal[1] = 1


@dataclass(frozen=True)
class SpanEntry:
    """One span: rows first … end − 1, and how many windows have their target there."""

    first_row: int
    end_row: int
    first_date: str | None
    last_date: str | None
    windows: int


class Manifest(BaseModel):
    """What a prepared folder says of itself; pydantic checks the plain dataclasses inside too."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        defer_build=True,  # most runs read no folder
    )

    format: Literal[1] = _FORMAT
    stockcast: str
    ticker: str
    columns: Columns
    rows: int
    first_date: str
    last_date: str
    spans: dict[SpanName, SpanEntry]
    scalers: Scalers
    path: HarPath | None = None
    recipe: Recipe
    inputs: tuple[Source, ...]
    rows_sha256: str = ""  # folders of earlier versions do not say
    files: dict[str, str]

    @model_validator(mode="before")
    @classmethod
    def _name_loss(cls, document: Any) -> Any:
        """Folders of versions with one loss do not name it."""
        return name_first_loss(document)

    @model_validator(mode="after")
    def _check_parts(self) -> Manifest:
        check_parts(self.recipe, self.columns, self.scalers, self.path)
        if len(self.spans) != len(SPANS):
            raise ValueError("there must be three spans")
        window, row = self.recipe.window, 0
        for name in SPANS:
            span = self.spans[name]
            if span.first_row != row or span.end_row < row:
                raise ValueError(f"the {name} span does not begin where the one before ends")
            row = span.end_row
        if row != self.rows or self.spans["train"].end_row < window + self.recipe.horizon:
            raise ValueError("the spans do not fit the rows")
        return self


def read_manifest(home: Path) -> Manifest:
    """Read and check a prepared folder's manifest.

    Raises:
        UnreadablePrices: it is missing, or says what cannot be.
    """
    path = home / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise UnreadablePrices(f"{path}: {place}: {first['msg']}", hint=PREPARE_AGAIN) from None
    except OSError as error:
        raise UnreadablePrices(
            f"cannot read {path}: {error.strerror}", hint=PREPARE_AGAIN
        ) from None
