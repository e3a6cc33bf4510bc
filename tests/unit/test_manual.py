"""Reference pages, man pages and completions say what the program takes, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from manual.files import PAGES, SHARE, generate
from manual.floors import draw_floors
from stockcast.cli.app import COMMANDS
from tests.support import ROOT, run_stockcast

MAN_PAGES = sorted((ROOT / SHARE / "man" / "man1").glob("*.1"))
COMPLETIONS = ROOT / SHARE


@pytest.fixture(scope="module")
def generated():
    return generate(ROOT)


def need(program: str) -> str:
    """Return where a program is, or skip the test."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} on the PATH")
    return found


@pytest.mark.slow
def test_every_generated_file_is_what_the_program_gives_now(generated):
    for path, text in generated.items():
        assert (ROOT / path).read_text("utf-8") == text, f"{path}: run `make manual`"


@pytest.mark.slow
def test_no_file_is_left_of_a_command_that_is_gone(generated):
    there = [
        str(path.relative_to(ROOT))
        for folder in (PAGES, SHARE)
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ]
    assert len(there) > 30
    assert set(there) <= set(generated)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_has_every_option_that_help_shows(name):
    shown = run_stockcast(name, "--help", env={"COLUMNS": "200"}).stdout.decode()
    flags = set(re.findall(r"^│\s+(?:\*\s+)?(--[a-z][a-z-]+)", shown, re.MULTILINE))
    page = (ROOT / PAGES / f"{name}.md").read_text("utf-8")
    rows = set(re.findall(r"^\| (?:<code>|`)(--[a-z][a-z-]+)", page, re.MULTILINE))
    assert len(rows) > 4
    assert rows == flags


@pytest.mark.parametrize("path", MAN_PAGES, ids=lambda path: path.stem)
def test_mandoc_has_nothing_against_a_man_page(path):
    said = subprocess.run(
        [need("mandoc"), "-Tlint", "-Wwarning", path], capture_output=True, text=True
    )
    # Before the first release no day can be named that would give the same bytes tomorrow.
    found = [line for line in said.stdout.splitlines() if "missing date" not in line]
    assert found == []


@pytest.mark.parametrize("path", MAN_PAGES, ids=lambda path: path.stem)
def test_groff_has_nothing_against_a_man_page_and_keeps_its_lines_within_80(path):
    said = subprocess.run(
        [need("groff"), "-ww", "-man", "-Kutf8", "-Tutf8", "-P-cbou", "-rLL=78n", path],
        capture_output=True,
        text=True,
    )
    assert said.stderr == ""
    assert said.stdout.count("\n") > 20
    assert max(map(len, said.stdout.splitlines())) <= 80


def complete_in_bash(*words: str) -> list[str]:
    """Return what bash offers for the last of the words."""
    script = COMPLETIONS / "bash-completion" / "completions" / "stockcast"
    program = (
        'compopt() { :; }; source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        '_stockcast; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    said = subprocess.run(
        [need("bash"), "--norc", "-c", program, "bash", script, *words],
        capture_output=True,
        text=True,
    )
    assert said.stderr == ""
    return said.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["tr"], ["train"]),
        (["train", "--form"], ["--format"]),
        (["train", "--format", ""], ["path", "csv", "json", "jsonl"]),
        (["train", "--format", "=", "j"], ["json", "jsonl"]),
        (["train", "-q", "--cell", "c"], ["cifg", "cifg-peephole"]),
        (["train", "--recipe", "cl"], ["classic"]),
        (["train", "--units", ""], []),
        (["train", "--output", ""], []),
        (["train", "GO"], []),
        (["--ver"], ["--version"]),
    ],
)
def test_bash_offers_commands_options_and_their_words(words, offered):
    assert complete_in_bash("stockcast", *words) == offered


def test_bash_offers_every_command():
    assert set(COMMANDS) <= set(complete_in_bash("stockcast", ""))


def test_fish_offers_commands_options_and_their_words():
    script = COMPLETIONS / "fish" / "vendor_completions.d" / "stockcast.fish"
    lines = ["stockcast tr", "stockcast train --form", "stockcast train --format "]
    program = "; ".join([f"source {script}", *(f"complete -C '{line}'" for line in lines)])
    said = subprocess.run([need("fish"), "-N", "-c", program], capture_output=True, text=True)
    assert said.stderr == ""
    offered = [line.split("\t")[0] for line in said.stdout.splitlines()]
    assert offered == ["train", "--format", "csv", "json", "jsonl", "path"]


@pytest.mark.slow
def test_zsh_takes_the_completion_function(tmp_path):
    folder = COMPLETIONS / "zsh" / "site-functions"
    program = (
        f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -d {tmp_path}/dump; "
        "print $_comps[stockcast]; autoload +X _stockcast && print ${#functions[_stockcast]}"
    )
    said = subprocess.run([need("zsh"), "-f", "-c", program], capture_output=True, text=True)
    assert said.stderr == ""
    name, size = said.stdout.split()
    assert name == "_stockcast"
    assert int(size) > 5_000


def test_a_wheel_brings_them_under_share():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '"manual/share" = "share"' in text
    assert {path.parts[0] for path in map(Path, relative(COMPLETIONS))} == {
        "bash-completion", "fish", "man", "zsh",
    }  # fmt: skip


def relative(folder: Path) -> list[str]:
    """Return every file of a folder, by its path in it."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_a_flowchart_is_drawn_floor_by_floor():
    chart = 'flowchart TD\n a["A"]\n b["B"]\n c["C"]\n d["D"]\n a --> b & c\n b & c --> d'
    drawn = draw_floors(chart)
    assert re.findall(r"<div>(.*?)</div>", drawn.removeprefix('<div class="floors">')) == [
        "<p>A</p>",
        "<p>B</p><p>C</p>",
        "<p>D</p>",
    ]
