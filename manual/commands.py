"""What every command takes, read from the objects that also parse it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from stockcast import __version__
from stockcast.cli.app import COMMANDS, app
from stockcast.recipe import list_presets

_OPTIONS = "Options"


@dataclass(frozen=True)
class Parameter:
    """An option or an argument.

    Attributes:
        flags: how an option is written, the long form first; of an argument nothing.
        value: what help calls its value, such as FILE; empty: it takes none.
        help: a sentence or two.
        default: as help says it; empty: none, or the sentence has it.
        least: the smallest number that is allowed; empty: any.
        choices: the words that it takes; empty: it takes others too.
        offered: what completion offers, the choices or names that are known.
        variable: of the environment that sets it too; empty: none.
        files: whether it may be a path.
        required: whether it must be given.
        many: whether it takes several.
    """

    flags: tuple[str, ...]
    value: str
    help: str
    default: str = ""
    least: str = ""
    choices: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    variable: str = ""
    files: bool = False
    required: bool = False
    many: bool = False

    @property
    def note(self) -> str:
        """The help with its limits as sentences of their own."""
        text = self.help if self.help.endswith((".", ":")) else f"{self.help}."
        if self.least:
            text += f" At least {self.least}."
        return f"{text} Default: {self.default}." if self.default else text


@dataclass(frozen=True)
class Command:
    """A command with all that it takes.

    Attributes:
        name: such as train.
        summary: what the list of commands says of it.
        text: paragraphs of its help, the first a sentence; lines as they are written.
        arguments: in their order.
        groups: heading to options, as --help has them.
    """

    name: str
    summary: str
    text: tuple[str, ...]
    arguments: tuple[Parameter, ...]
    groups: dict[str, tuple[Parameter, ...]]

    @property
    def options(self) -> tuple[Parameter, ...]:
        """All options in one row."""
        return tuple(one for group in self.groups.values() for one in group)

    @property
    def usage(self) -> str:
        """How it is called, without the program's name."""
        names = [
            (one.value if one.required else f"[{one.value}]") + ("..." if one.many else "")
            for one in self.arguments
        ]
        return " ".join([self.name, "[OPTIONS]", *names])


@dataclass(frozen=True)
class Program:
    """The program with its commands.

    Attributes:
        version: such as 0.1.0.
        text: as of a command.
        options: those before a command.
        commands: in the order of --help.
    """

    version: str
    text: tuple[str, ...]
    options: tuple[Parameter, ...]
    commands: tuple[Command, ...]


def read_program() -> Program:
    """Read every command of the program that is imported here."""
    group: Any = get_command(app)
    context = typer.Context(group, info_name="stockcast", **group.context_settings)
    return Program(
        version=__version__,
        text=_split(group.help),
        options=tuple(_read(one) for one in group.get_params(context)),
        commands=tuple(_read_command(name, group, context) for name in COMMANDS),
    )


def _read_command(name: str, group: Any, parent: Any) -> Command:
    command = group.get_command(parent, name)
    context = typer.Context(command, info_name=name, parent=parent)
    arguments: list[Parameter] = []
    groups: dict[str, list[Parameter]] = {_OPTIONS: []}
    for one in command.get_params(context):
        if one.param_type_name == "argument":
            arguments.append(_read(one))
        else:
            heading = getattr(one, "rich_help_panel", None) or _OPTIONS
            groups.setdefault(heading, []).append(_read(one))
    return Command(
        name=name,
        summary=COMMANDS[name],
        text=_split(command.help),
        arguments=tuple(arguments),
        groups={heading: tuple(options) for heading, options in groups.items()},
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(inspect.cleandoc(text).split("\n\n"))


def _read(parameter: Any) -> Parameter:
    is_argument = parameter.param_type_name == "argument"
    is_switch = not is_argument and parameter.is_flag
    kind = parameter.type_descriptor
    choices = tuple(map(str, kind.choices or ()))
    value = "" if is_switch else (parameter.metavar or "|".join(choices))
    if not value and not is_switch:
        value = {"int": "NUMBER", "float": "NUMBER"}[kind.annotation.__name__]
    flags = () if is_argument else tuple(sorted(parameter.opts, key=len, reverse=True))
    return Parameter(
        flags=flags,
        value=value,
        help=parameter.help,
        default=_name_default(parameter),
        least="" if parameter.min is None else f"{parameter.min:g}",
        choices=choices,
        offered=list_presets() if "--recipe" in flags else choices,
        variable=parameter.envvar or "",
        files=is_argument or _is_file(kind.annotation, value),
        required=parameter.required,
        many=parameter.nargs == -1,
    )


def _name_default(parameter: Any) -> str:
    value = parameter.default
    shown = getattr(parameter, "show_default", True)
    if not shown or value is None or isinstance(value, bool) or callable(value) or value == "":
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _is_file(annotation: Any, value: str) -> bool:
    named = {"FILE", "FILE,…", "DIR", "FOLDER", "MODEL"} & set(value.split("|"))
    return bool(named) or (isinstance(annotation, type) and issubclass(annotation, Path))
