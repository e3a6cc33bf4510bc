"""Nothing that the command line can do is missing in Python, and it has the same name there."""

from __future__ import annotations

import dataclasses
import inspect

import pytest
import typer

import stockcast as sc
from stockcast.cli.app import COMMANDS, load_command
from stockcast.recipe import Recipe

FUNCTIONS = {
    "check": [sc.check],
    "prepare": [sc.prepare],
    "train": [sc.train, sc.train_many, sc.train_pooled],
    "predict": [sc.predict, sc.predict_many],
    "backtest": [sc.backtest],
    "tune": [sc.tune],
    "show": [sc.describe_model],
    "export": [sc.export],
    "inspect": [sc.inspect],
    "score": [sc.score],
    "models": [sc.list_models],
    "rollback": [sc.rollback],
    "doctor": [sc.doctor],
    "demo": [sc.demo],
}
POLICIES = {
    "reading": sc.ReadOptions,
    "policy": sc.PublishPolicy,
    "executor": sc.Executor,
    "request": sc.ForecastRequest,
    "cutoffs": sc.CutoffOptions,
    "fields": Recipe,
    "overrides": Recipe,
}
# What has another name in Python, and why.
RENAMED = {
    "from": "start",  # a word of the language
    "to": "end",  # beside it
    "level": "levels",  # one option each on the command line
    "quantile": "quantiles",  # several in one option
    "no_header": "header",  # a flag says what is unusual
    "output": "path",
    "no_yardsticks": "yardsticks",  # a flag says what is unusual
}
# How a command shows what the function returns.
SHOWN = {"format", "quiet", "verbose", "debug", "log_format", "help"}
SHOWN_BY = {
    "predict": {"output"},  # the rows, which the function returns
    "inspect": {"output", "summary", "memory"},  # kinds of rows: Inspection.list_rows
    "backtest": {"output"},
    "train": {"pooled"},  # train_pooled
}
# Parts of a cluster's address that the executor has as one value.
OF_CLUSTER = {"tls_ca", "tls_cert", "tls_key", "insecure"}


def list_flags(name):
    """Return all of a command's options as Python writes them, the exceptions among them."""
    alone = typer.Typer(add_completion=False)
    alone.command(name)(load_command(name))
    command = typer.main.get_command(alone)
    return {
        flag.removeprefix("--").replace("-", "_")
        for parameter in command.params
        if parameter.param_type_name == "option"
        for flag in parameter.opts
        if flag.startswith("--")
    }


def list_options(name):
    """Return those that change what a command does."""
    return list_flags(name) - SHOWN - SHOWN_BY.get(name, set()) - OF_CLUSTER


def list_parameters(function):
    """Return a function's parameters, with the fields of the policies among them."""
    found = set()
    for name in inspect.signature(function).parameters:
        found.add(name)
        kind = POLICIES.get(name)
        if kind is Recipe:
            found |= set(Recipe.model_fields)
        elif kind is not None:
            found |= {field.name for field in dataclasses.fields(kind)}
            found |= set(inspect.signature(kind).parameters)
    return found


def test_every_command_has_a_function():
    assert FUNCTIONS.keys() == COMMANDS.keys()
    for functions in FUNCTIONS.values():
        assert {function.__name__ for function in functions} <= set(sc.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_option_of_a_command_is_a_parameter_of_its_function(name):
    known = set().union(*map(list_parameters, FUNCTIONS[name]))
    missing = {
        option
        for option in list_options(name)
        if option not in known and RENAMED.get(option) not in known
    }
    assert not missing


@pytest.mark.slow
def test_no_exception_is_of_an_option_that_there_is_not():
    every = set().union(*map(list_flags, FUNCTIONS))
    assert set(RENAMED) | OF_CLUSTER | SHOWN - {"help"} <= every
    for name, shown in SHOWN_BY.items():
        assert shown <= list_flags(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_exception_hides_an_option_that_its_function_has(name):
    known = set().union(*map(list_parameters, FUNCTIONS[name]))
    assert not known & (SHOWN | SHOWN_BY.get(name, set()) - {"pooled"})
