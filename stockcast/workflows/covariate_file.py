"""A TOML file of covariates: where each one's prices lie, and what these leave open."""

from __future__ import annotations

import difflib
import json
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stockcast.errors import InvalidCovariates, Option, UsageError, option
from stockcast.prices.csv.options import ReadOptions

ENDING = ".toml"
_LARGEST_FILE = 64 * 1024  # bytes
_TABLE = "covariates"
_ANSWERS = tuple(one.name for one in fields(ReadOptions))
_KEYS = ("file", "age", *_ANSWERS)
_ADAPTER = TypeAdapter(ReadOptions)


@dataclass(frozen=True)
class CovariateEntry:
    """One covariate, as a file names it.

    Attributes:
        name: what it is called.
        path: its price file.
        reading: answers to what the file leaves open.
        age: bars that its newest one may be old; None: as of the others.
        where: the file and the table, for messages.
    """

    name: str
    path: Path
    reading: ReadOptions
    age: int | None
    where: str


def is_covariate_file(name: str) -> bool:
    """Whether a path names a file of covariates, and no prices.

    Example:
        >>> [is_covariate_file(name) for name in ("beside.toml", "vix.csv")]
        [True, False]
    """
    return Path(name).suffix.lower() == ENDING


def read_covariate_file(path: Path) -> list[CovariateEntry]:
    """Read which covariates there are, a table `[covariates.NAME]` each, in the file's order.

    Args:
        path: the file; the price files that it names are relative to its folder.

    Raises:
        InvalidCovariates: it cannot be read, or has a key or value that is none.
    """
    document = _read_toml(path)
    tables = document.pop(_TABLE, None)
    if document:
        raise InvalidCovariates(
            f"{path}: unknown key {next(iter(document))!r}",
            hint=f"each covariate has a table of its own: [{_TABLE}.VIX]",
        )
    if not isinstance(tables, dict) or not tables:
        raise InvalidCovariates(
            f"{path} names no covariate",
            hint=f'each has a table of its own: [{_TABLE}.VIX], and in it file = "vix.csv"',
        )
    return [_read_entry(name, values, path) for name, values in tables.items()]


def describe_answer(options: tuple[Option, ...], *, name: str, path: str, where: str) -> str:
    """Return a hint: how a question about a covariate's file is answered in a file of covariates.

    Args:
        options: those that would answer it for the prices.
        name: what the covariate is called.
        path: its price file.
        where: the file and the table that name it; empty: none does.

    Example:
        >>> describe_answer((Option("decimal", ","),), name="VIX", path="vix.csv", where="")[:59]
        'in a TOML file write [covariates.VIX], file = "vix.csv" and'
    """
    answers = [
        f"{one.name} = {json.dumps(one.value, ensure_ascii=False) if one.value else '…'}"
        for one in options
        if one.name in _ANSWERS
    ]
    said = " or ".join(dict.fromkeys(answers)) or "what it leaves open"
    if where:
        return f"say it there: {said}"
    return (
        f"in a TOML file write [{_TABLE}.{_quote(name)}], file = {json.dumps(path)} and {said}, "
        f"and name that file: {option('covariates', shown='FILE.toml')}"
    )


def _quote(name: str) -> str:
    is_bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if is_bare else json.dumps(name, ensure_ascii=False)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise InvalidCovariates(f"{path}: larger than {_LARGEST_FILE:,} bytes")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise InvalidCovariates(
            f"cannot read {path}: {error.strerror}", hint="docs/covariates.md shows such a file"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidCovariates(f"{path} is not TOML: {error}") from None


def _read_entry(name: str, values: Any, path: Path) -> CovariateEntry:
    where = f"{path}: [{_TABLE}.{_quote(name)}]"
    if not isinstance(values, dict):
        raise InvalidCovariates(
            f"{path}: {_TABLE}.{_quote(name)} is {_show(values)}, expected a table",
            hint=f'write [{_TABLE}.{_quote(name)}], and in it file = "…"',
        )
    if unknown := [key for key in values if key not in _KEYS]:
        near = difflib.get_close_matches(unknown[0], _KEYS, n=1)
        raise InvalidCovariates(
            f"{where}: unknown key {unknown[0]!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(_KEYS)}",
        )
    file, age = values.get("file"), values.get("age")
    if not isinstance(file, str) or not file:
        raise InvalidCovariates(
            f"{where}: file is {_show(file)}, expected the name of a price file"
        )
    if age is not None and (isinstance(age, bool) or not isinstance(age, int) or age < 0):
        raise InvalidCovariates(f"{where}: age is {_show(age)}, expected bars, 0 or more")
    answers = {key: value for key, value in values.items() if key in _ANSWERS}
    return CovariateEntry(name, path.parent / file, _read_answers(answers, where), age, where)


def _read_answers(answers: dict[str, Any], where: str) -> ReadOptions:
    try:
        return _ADAPTER.validate_json(json.dumps(answers, default=str), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        expected = first["msg"].removeprefix("Input should be ")
        raise InvalidCovariates(
            f"{where}: {first['loc'][0]} is {_show(first['input'])}, expected {expected}"
        ) from None
    except UsageError as error:
        raise InvalidCovariates(f"{where}: {error}", hint=error.hint) from None


def _show(value: Any) -> str:
    return "not there" if value is None else json.dumps(value, default=str, ensure_ascii=False)
