"""Options that belong together: declared once, handed to a command as one value."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


_NONE: Mapping[str, Any] = MappingProxyType({})


def option_group(
    name: str | None,
    options: Mapping[str, Any],
    pack: Callable[..., Any] = dict,
    *,
    defaults: Mapping[str, Any] = _NONE,
) -> Decorator:
    """Give a command more options, which it takes as one argument.

    Args:
        name: the command's parameter that takes them; None: it takes none, and the options'
            callbacks do all that they are for.
        options: parameter name to annotation, as Typer reads it.
        pack: makes the argument out of all their values, given by name.
        defaults: by parameter name; of the others a flag is False, and anything else None.
    """

    def decorate(command: Command) -> Command:
        parameters = dict(inspect.signature(command, eval_str=True).parameters)
        if name is not None:
            del parameters[name]
        for option, annotation in options.items():
            parameters[option] = inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults.get(option, False if annotation.__origin__ is bool else None),
                annotation=annotation,
            )

        @functools.wraps(command)
        def wrapper(**values: Any) -> None:
            taken = {option: values.pop(option) for option in options}
            packed = {} if name is None else {name: pack(**taken)}
            command(**values, **packed)

        # Typer would look through the wrapper, and would not see the options.
        del wrapper.__wrapped__
        ordered = sorted(
            parameters.values(), key=lambda one: one.kind is inspect.Parameter.KEYWORD_ONLY
        )
        wrapper.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {key: one.annotation for key, one in parameters.items()}
        return wrapper

    return decorate
