"""Manual pages for man(1), in the macros that groff and mandoc both read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from manual.commands import Command, Parameter, Program

_ESCAPES = {
    "\\": "\\(rs",
    "-": "\\-",
    "'": "\\(aq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
    '"': "\\(dq",
}


def write_program_manual(program: Program, root: Path) -> str:
    """Write stockcast(1): the commands, exit codes, variables and files."""
    summary = "turn a price CSV into a forecast CSV"
    commands: list[str] = []
    for one in program.commands:
        commands += [".TP", f".B {_escape(one.name)}", _plain(one.summary)]
    others = [f"stockcast-{one.name}" for one in program.commands]
    return _join(
        _head("stockcast", program, root),
        [".SH NAME", f"stockcast \\- {_plain(summary)}"],
        [".SH SYNOPSIS", ".B stockcast", ".RI [ OPTIONS ]", ".I COMMAND", ".RI [ ARGUMENTS ]"],
        [".SH DESCRIPTION", *_paragraphs(program.text)],
        [".SH COMMANDS", *commands],
        [".SH OPTIONS", *_list(program.options)],
        [".SH EXIT STATUS", *_exit_codes(root)],
        [".SH FILES", *_FILES],
        _see_also(others),
    )


def write_command_manual(command: Command, program: Program, root: Path) -> str:
    """Write stockcast-COMMAND(1): all that --help says, for a reader without a terminal width."""
    name = f"stockcast-{command.name}"
    summary = command.summary[0].lower() + command.summary[1:].rstrip(".")
    synopsis = [".SH SYNOPSIS", f".B stockcast {_escape(command.name)}", ".RI [ OPTIONS ]"]
    for one in command.arguments:
        dots = "..." if one.many else ""
        synopsis.append(f".I {_escape(one.value)}{dots}" if one.required else _optional(one, dots))
    sections = []
    for heading, options in command.groups.items():
        title = ".SH OPTIONS" if heading == "Options" else f".SS {_escape(heading)}"
        sections.append([title, *_list(options)])
    return _join(
        _head(name, program, root),
        [".SH NAME", f"{_escape(name)} \\- {_plain(summary)}"],
        synopsis,
        [".SH DESCRIPTION", *_paragraphs(command.text)],
        [".SH ARGUMENTS", *_list(command.arguments)] if command.arguments else [],
        *sections,
        [".SH EXIT STATUS", "0 where it is done; the others are in", ".BR stockcast (1)."],
        _see_also(["stockcast"]),
    )


_FILES = [
    ".TP",
    ".I models/*.safetensors",
    "Models, named for the price files that they were trained on.",
    ".TP",
    ".I models/.history/",
    "The models before them, which",
    ".BR stockcast\\-rollback (1)",
    "puts back.",
]


def _head(name: str, program: Program, root: Path) -> list[str]:
    title, source = _escape(name.upper()), _escape(f"stockcast {program.version}")
    return [
        '.\\" Written by `make manual` from the program; a change here is lost.',
        f'.TH {title} 1 "{_find_date(root)}" "{source}" "stockcast manual"',
        ".nh",  # no option is broken at a hyphen
        ".ad l",
    ]


def _find_date(root: Path) -> str:
    """Return the day of the newest release, so that the same version gives the same bytes."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## \[\d[^]]*\] - (\d{4}-\d\d-\d\d)", changelog, re.MULTILINE)
    return found[1] if found else ""


def _exit_codes(root: Path) -> list[str]:
    readme = (root / "README.md").read_text(encoding="utf-8")
    lines: list[str] = []
    for code, meaning in re.findall(r"^\| (\d[\d, ]*) \| (.*) \|$", readme, re.MULTILINE):
        lines += [".TP", f".B {_escape(code)}", _plain(meaning.replace("`", ""))]
    return lines


def _see_also(names: list[str]) -> list[str]:
    lines = [f".BR {_escape(name)} (1)," for name in names]
    return [".SH SEE ALSO", *lines[:-1], lines[-1].removesuffix(",")]


def _optional(one: Parameter, dots: str) -> str:
    return f".RI [ {_escape(one.value)} ]{dots}"


def _list(parameters: Iterable[Parameter]) -> list[str]:
    lines: list[str] = []
    for one in parameters:
        flags = ", ".join(f"\\fB{_escape(flag)}\\fR" for flag in reversed(one.flags))
        value = f"\\fI{_escape(one.value)}\\fR" if one.value else ""
        lines += [".TP", " ".join(filter(None, (flags, value))), _plain(one.note)]
    return lines


def _paragraphs(text: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for paragraph in text:
        lines += [".PP", _plain(" ".join(paragraph.split()))]
    return lines[1:]


def _plain(text: str) -> str:
    """Write a paragraph, a sentence a line as roff wants it, options in bold."""
    lines = re.sub(r"(?<=[.:?]) (?=[A-Z(])", "\n", text).split("\n")
    return "\n".join(_bold_options(line) for line in lines)


def _bold_options(text: str) -> str:
    escaped = _escape(text)
    bold = re.sub(r"(?<![\w-])\\-\\-[a-z](?:[a-z]|\\-)+", r"\\fB\g<0>\\fR", escaped)
    return f"\\&{bold}" if bold.startswith(".") else bold


def _escape(text: str) -> str:
    text = "".join(_ESCAPES.get(sign, sign) for sign in text)
    return "".join(sign if ord(sign) < 128 else f"\\[u{ord(sign):04X}]" for sign in text)


def _join(*sections: list[str]) -> str:
    return "\n".join(line for section in sections for line in section) + "\n"
