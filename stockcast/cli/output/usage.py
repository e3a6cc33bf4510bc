"""What Typer finds wrong with a command line, in the words and the form of every other error."""

from __future__ import annotations

import re
from typing import Any

import typer

from stockcast.cli.output.terminal import get_terminal

# Typer's sentences, as far as they are not said here in the same words.
_SENTENCES = (
    (r"No such option: (\S+)", r"no such option \1"),
    (r"No such command '(.*?)'", r"no such command \1"),
    (r"Missing (\w+) '?([^'.]+)'?", r"missing \1 \2"),
    (r"Option '(\S+)' requires an argument", r"\1 needs a value"),
    (r"Option '(\S+)' does not take a value", r"\1 takes no value"),
    (r"Got unexpected extra argument\S* \((.*)\)", r"nothing to be done with \1"),
)
# What follows a value that is none: Pydantic's words, and Typer's of a choice.
_EXPECTED = (
    (r"Input should be a valid integer.*", "expected a whole number"),
    (r"Input should be a valid number.*", "expected a number"),
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
    said = error.format_message()
    if context is not None and param is not None and said.startswith("Invalid value"):
        message = _describe_value(error, context, param)
    else:
        sentence = re.split(r"\.? \(Possible|\. Did you mean", said)[0]
        message = _translate(sentence.rstrip("."), _SENTENCES)
    near = _find_near(error, context)
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    known = context is None or context.parent is not None
    command = " ".join(("stockcast", *[get_terminal().command] * known)).strip()
    return message, f"{guess}{command} --help says what there is"


def _describe_value(error: typer.TyperException, context: Any, param: Any) -> str:
    """Say which option or variable has which value, and what it should be."""
    source = context.get_parameter_source(param.name)
    from_environment = source is not None and source.name == "ENVIRONMENT"
    name = param.envvar if from_environment else max(param.opts, key=len)
    expected = _translate(error.message.rstrip("."), _EXPECTED)
    cause: Any = error.__cause__
    found = cause.errors() if hasattr(cause, "errors") else []
    return f"{name} is {found[0]['input']!r}, {expected}" if found else f"{name}: {expected}"


def _translate(text: str, sentences: tuple[tuple[str, str], ...]) -> str:
    for pattern, ours in sentences:
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match is not None:
            return match.expand(ours)
    return text[:1].lower() + text[1:]


def _find_near(error: typer.TyperException, context: Any) -> list[str]:
    """Return what may have been meant: options, or commands."""
    meant = _MEANT.get(getattr(error, "option_name", ""))
    if context is not None and any(meant in one.opts for one in context.command.params):
        return [str(meant)]
    possible = sorted(getattr(error, "possibilities", None) or ())
    return possible or re.findall(r"Did you mean '(.*?)'", error.format_message())
