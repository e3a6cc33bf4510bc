"""What Typer finds wrong with a command line, in the words and the form of every other error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

import typer

from stockcast.cli.output.terminal import get_terminal

# Typer's sentences, as far as they are not said here in the same words.
_SENTENCES = (
    (r"No such option: (.+)", r"no such option \1"),
    (r"No such command '(.*)'", r"no such command \1"),
    (r"Option '(\S+)' requires an argument", r"\1 needs a value"),
    (r"Option '(\S+)' does not take a value", r"\1 takes no value"),
    (r"Got unexpected extra argument\S* \((.*)\)", r"nothing to be done with \1"),
)
# What follows a value that is none: Pydantic's words, and Typer's of a choice.
_EXPECTED = (
    (r"Input should be a valid integer.*", "expected a whole number"),
    (r"Input should be a valid number.*", "expected a number"),
    (r"Input should be a valid boolean.*", "expected true or false"),
    (r"Input should be greater than or equal to (.*)", r"expected at least \1"),
    (r"Input should be less than or equal to (.*)", r"expected at most \1"),
    (r"Input should be greater than (.*)", r"expected more than \1"),
    (r"Input should be less than (.*)", r"expected less than \1"),
    (r"Input should be (.*)", r"expected \1"),
    (r".* is not one of (.*)", r"expected one of \1"),
)
# Where a command has the second and not the first, it is the second that is meant.
_MEANT = {"--recipe": "--models", "--models": "--recipe", "--model": "--models"}


def explain_usage(error: typer.TyperException) -> tuple[str, str]:
    """Say what is wrong with a command line, and what to do next.

    Args:
        error: what Typer raised.

    Returns:
        a message and a hint.
    """
    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    if context is not None and param is not None:
        message = _describe_value(error, context, param)
    else:
        said = error.message if hasattr(error, "possibilities") else error.format_message()
        message = _translate(said.partition(". Did you mean")[0].rstrip("."), _SENTENCES)
    near = _find_near(error, context)
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    known = context is None or context.parent is not None
    command = " ".join(("stockcast", *[get_terminal().command] * known)).strip()
    return message, f"{guess}{command} --help says what there is"


def _describe_value(error: typer.TyperException, context: Any, param: Any) -> str:
    """Say which option or variable has which value, and what it should be; or that it lacks."""
    if error.format_message().startswith("Missing"):
        return f"missing {param.param_type_name} {_name(param)}"
    source = context.get_parameter_source(param.name)
    from_environment = source is not None and source.name == "ENVIRONMENT"
    name = param.envvar if from_environment else _name(param)
    expected = _translate(error.message.rstrip("."), _EXPECTED)
    cause: Any = error.__cause__
    found = cause.errors() if hasattr(cause, "errors") else []
    return f"{name} is {found[0]['input']!r}, {expected}" if found else f"{name}: {expected}"


def _name(param: Any) -> str:
    is_option = param.param_type_name == "option"
    return str(max(param.opts, key=len) if is_option else param.name.upper())


def _translate(text: str, sentences: tuple[tuple[str, str], ...]) -> str:
    for pattern, ours in sentences:
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match is not None:
            return match.expand(ours)
    return text[:1].lower() + text[1:]


def _find_near(error: typer.TyperException, context: Any) -> list[str]:
    """Return what may have been meant: options, or commands."""
    named = getattr(error, "option_name", "")
    known = [] if context is None else [flag for one in context.command.params for flag in one.opts]
    if _MEANT.get(named) in known:
        return [_MEANT[named]]
    # Typer's own possibilities of an option are far-fetched.
    near = difflib.get_close_matches(named, known, n=2, cutoff=0.75) if named else []
    return near or re.findall(r"Did you mean '(.*?)'", error.format_message())


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for a log of JSON; one that is wrong was never read so far."""
    line = " ".join(arguments)
    return "--log-format json" in line or "--log-format=json" in line
