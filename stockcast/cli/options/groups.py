"""Options that belong together: declared once, handed to a command as one value."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

Command = Callable[..., None]


def option_group(
    name: str, options: dict[str, Any], pack: Callable[..., Any]
) -> Callable[[Command], Command]:
    """Give a command more options, which it takes as one argument.

    Args:
        name: the command's parameter that takes them.
        options: parameter name to annotation, as Typer reads it; a flag is False unless given,
            anything else None.
        pack: makes the argument out of all their values, given by name.
    """

    def decorate(command: Command) -> Command:
        parameters = dict(inspect.signature(command, eval_str=True).parameters)
        del parameters[name]
        for option, annotation in options.items():
            parameters[option] = inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if annotation.__origin__ is bool else None,
                annotation=annotation,
            )

        @functools.wraps(command)
        def wrapper(**values: Any) -> None:
            packed = pack(**{option: values.pop(option) for option in options})
            command(**values, **{name: packed})

        # Typer would look through the wrapper, and would not see the options.
        del wrapper.__wrapped__
        ordered = sorted(
            parameters.values(), key=lambda one: one.kind is inspect.Parameter.KEYWORD_ONLY
        )
        wrapper.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {key: one.annotation for key, one in parameters.items()}
        return wrapper

    return decorate
