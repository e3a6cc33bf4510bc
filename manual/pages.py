"""The generated pages of the site, in the Markdown that GitHub and the site both read."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from manual.commands import Command, Parameter, Program
from stockcast import errors
from stockcast.recipe import ABOUT, Recipe, Shapes, list_choices, list_presets

_NOTE = "<!-- Written by `make manual` from the program; a change here is lost. -->\n\n"
_OTHERS = (
    ("NO_COLOR", "Set to anything: no colours."),
    ("TERM", "`dumb`: no colours, and lines instead of a progress bar."),
    ("COLUMNS", "How wide tables and help may be."),
    (
        "STOCKCAST_THREADS",
        "Threads of a training at most, in either engine; a small network takes one. Default: what "
        "this process may use.",
    ),
    (
        "OMP_NUM_THREADS",
        "Threads of NumPy's products, of which stockcast takes one where this is not set: they are "
        "too small to share.",
    ),
    ("CUDA_VISIBLE_DEVICES", "Empty or `-1`: the engine `auto` looks for no GPU."),
    ("TF_CPP_MIN_LOG_LEVEL", "What TensorFlow says on stderr. Default: `3`, errors alone."),
)


def write_overview_page(program: Program) -> str:
    """Write the list of commands, and what the program itself takes."""
    rows = [(f"[`{one.name}`]({one.name}.md)", _escape(one.summary)) for one in program.commands]
    return (
        f"{_NOTE}# Commands\n\n{_join(program.text)}\n\n"
        f"{_table(('command', 'what it does'), rows)}\n"
        "## Before a command\n\n"
        f"{_table(('option', 'what it does'), map(_row, program.options))}\n"
        "## At hand\n\n"
        "Each of these pages is what `--help` says, from the same source. So are the manual pages "
        "and the completions for bash, zsh and fish that an installation brings: "
        "`man stockcast-train` opens one where `man` finds the environment's `share/man`, as it "
        "does while its `bin` is on the PATH. The shells find theirs under `share/` of an "
        "installation for the whole system; in a virtual environment `stockcast "
        "--install-completion` sets them up.\n"
    )


def write_command_page(command: Command) -> str:
    """Write all that one command takes."""
    lead, *rest = command.text
    parts = [
        f"{_NOTE}# stockcast {command.name}\n\n{_join((lead,))}\n\n"
        f"```console\n$ stockcast {command.usage}\n```\n"
    ]
    if rest:
        parts.append(f"{_join(rest)}\n")
    if command.arguments:
        rows = [(f"`{one.value}`", _escape(one.note)) for one in command.arguments]
        parts.append(f"## Arguments\n\n{_table(('argument', 'what it is'), rows)}")
    for heading, options in command.groups.items():
        rows = map(_row, options)
        parts.append(f"## {heading}\n\n{_table(('option', 'what it does'), rows)}")
    return "\n".join(parts)


def write_recipe_page(root: Path) -> str:
    """Write every field of a recipe: its values, its default, and what each preset has of it."""
    fields = Recipe.model_fields
    rows = []
    for name, about in ABOUT.items():
        choices = ", ".join(map(_code, list_choices(name))) if _is_choice(name) else ""
        default = _code(_show(fields[name].default))
        values = choices or _name_limits(name)
        rows.append((f"`{name}`", _escape(about.help), values, default, _name_shapes(about.shapes)))
    presets = []
    for name in list_presets():
        path = root / "stockcast/presets" / f"{name}.toml"
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        differing = [
            f"{key} = {_show(value)}"
            for key, value in given.items()
            if _show(value) != _show(fields[key].default)
        ]
        presets.append((f"`{name}`", ", ".join(map(_code, differing)) or "the defaults"))
    head = ("field", "what it is", "values", "default", "shapes")
    return (
        f"{_NOTE}# Recipe fields\n\n"
        "A recipe is every choice that defines a model: one that has a name, a TOML file with the "
        "fields that differ from `default`, or options of "
        "[`train`](train.md), which win over both. `configs/default.toml` in the project explains "
        "each at length.\n\n"
        f"{_table(head, rows)}\n"
        "What a field shapes is made anew when it changes: the *data* are the scaled series and "
        "its spans, and so a prepared folder; the *graph* is the network and what trains it.\n\n"
        "## Recipes that have a name\n\n"
        f"{_table(('recipe', 'differs from the defaults in'), presets)}"
    )


def write_exit_codes_page(readme: str) -> str:
    """Write README's table, and the tree of errors as the module draws it."""
    (table,) = re.findall(r"^\| exit \| meaning \|\n(?:\|.*\n)+", readme, re.MULTILINE)
    tree = re.search(r"StockcastError\n(?: .*\n)+", errors.__doc__ or "")
    drawn = "\n".join(line.removeprefix("    ") for line in tree[0].splitlines()) if tree else ""
    return (
        f"{_NOTE}# Exit codes\n\n{table}\n"
        "A message on stderr says what is wrong and where, and the line under it what to do "
        "next. In Python the same is an exception of `stockcast.errors`:\n\n"
        f"```text\n{drawn}\n```\n"
    )


def write_environment_page(program: Program) -> str:
    """Write every variable with what it sets."""
    sets: dict[str, tuple[str, list[str]]] = {}
    for command in program.commands:
        for option in command.options:
            if option.variable:
                _, commands = sets.setdefault(option.variable, (option.flags[0], []))
                commands.append(command.name)
    rows = [
        (f"`{variable}`", f"`{flag}`", _name_commands(commands, program))
        for variable, (flag, commands) in sorted(sets.items())
    ]
    others = [(f"`{name}`", text) for name, text in _OTHERS]
    return (
        f"{_NOTE}# Environment variables\n\n"
        "Each option can also be set in the environment. What is typed wins over a variable, a "
        "variable over the recipe. A switch is on for `1`, `true`, `yes` or `on`.\n\n"
        f"{_table(('variable', 'option', 'of'), rows)}\n"
        f"## Others\n\n{_table(('variable', 'what it does'), others)}"
    )


def write_decisions_page(folder: Path) -> str:
    """Write the list of the decisions that are there."""
    lines = []
    for path in sorted(folder.glob("[0-9]*.md")):
        number, title = path.read_text(encoding="utf-8").partition("\n")[0][2:].split(": ", 1)
        lines.append(f"- [{number}]({path.name}): {title}")
    return (
        f"{_NOTE}# Decisions\n\nWhat cost thought, half a page each: why it was asked, what was "
        "chosen, what follows.\n\n" + "\n".join(lines) + "\n"
    )


def _row(option: Parameter) -> tuple[str, str]:
    flags = ", ".join(option.flags)
    value = f" {option.value}" if option.value else ""
    return _code(flags + value), _escape(option.note)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _join(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(_escape(" ".join(one.split())) for one in paragraphs)


def _code(text: str) -> str:
    # A bar would end the cell of a table, and the two readers escape it differently.
    if "|" not in text:
        return f"`{text}`" if text else ""
    return f"<code>{html.escape(text, quote=False).replace('|', '&#124;')}</code>"


def _escape(text: str) -> str:
    """Write options and names in prose as code, and what Markdown would read as markup plainly."""
    text = html.escape(text, quote=False).replace("|", "&#124;").replace("*", "\\*")
    text = re.sub(r"(?<![\w-])--[a-z][a-z-]+", r"`\g<0>`", text)
    return re.sub(r"\bdocs/([a-z-]+\.md)", r"[docs/\1](../\1)", text)


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return str(list(value)).replace("'", '"') if isinstance(value, tuple | list) else str(value)


def _is_choice(name: str) -> bool:
    return all(isinstance(one, str) for one in list_choices(name)) and bool(list_choices(name))


def _name_limits(name: str) -> str:
    about, field = ABOUT[name], Recipe.model_fields[name]
    if about.expected:
        return about.expected
    if field.annotation is bool:
        return "`true`, `false`"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    limits = [
        f"{word} {getattr(one, key):,}"
        for key, word in words.items()
        for one in field.metadata
        if getattr(one, key, None) is not None
    ]
    return ", ".join(limits)


def _name_shapes(shapes: Shapes) -> str:
    return ", ".join((one.name or "").lower() for one in Shapes if one in shapes)


def _name_commands(names: list[str], program: Program) -> str:
    if len(names) == len(program.commands):
        return "every command"
    return ", ".join(f"[{name}]({name}.md)" for name in names)
