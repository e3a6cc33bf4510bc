"""What README and docs/ show in consoles and in Python is run, and prints what they say."""

from __future__ import annotations

import html
import re
from collections import Counter

import pytest

import stockcast
from benchmarks import screens
from tests.blocks import (
    PAGES,
    find_difference,
    furnish_page,
    read_blocks,
    run_line,
    split_plain,
)
from tests.support import ROOT

BLOCKS = {path.name: read_blocks(path) for path in PAGES}
# Whose Python has a test of its own, which looks at what it computes.
ELSEWHERE = {
    "export.md": "tests/cli/test_export.py",
    "file-formats.md": "tests/unit/test_file_formats.py",
    "first-forecast.md": "tests/cli/test_first_forecast.py",
    "from-the-tutorial.md": "tests/parity/test_estimator_against_train.py",
}
WHOLE = {"first-forecast.md"}  # whose command lines are run there too
# How many blocks are left out, and in how many each training ends after one epoch. A block that
# takes minutes, or what a test cannot have, says so in a comment above it, and is counted here.
NOT_RUN = {
    "README.md": 3, "cells.md": 1, "covariates.md": 1, "index.md": 1, "scaling.md": 1,
    "tuning.md": 2, "unattended.md": 1,
}  # fmt: skip
ONE_EPOCH = {
    "README.md": 1, "backtesting.md": 1, "calendar.md": 1, "cells.md": 5, "covariates.md": 2,
    "pooled.md": 1, "scaling.md": 1,
}  # fmt: skip
SHORT = {"STOCKCAST_EPOCHS": "1", "STOCKCAST_NO_YARDSTICKS": "1"}
KINDS = {"console", "crontab", "ini", "mermaid", "pycon", "python", "sh", "text", "toml"}


def list_pages():
    """Return the pages that have something to run here."""
    return [
        name
        for name, blocks in BLOCKS.items()
        if name not in WHOLE and any(one.how != "not run" for one in blocks)
    ]


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("name", list_pages())
def test_the_blocks_of_a_page_run_in_their_order_and_print_what_it_shows(
    name, tmp_path, monkeypatch
):
    furnish_page(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {"sc": stockcast, "stockcast": stockcast}
    differences = []
    for block in BLOCKS[name]:
        if block.how == "not run":
            continue
        if block.kind == "console":
            differences += run_console(block, tmp_path)
        elif name not in ELSEWHERE:
            run_python(block, names, tmp_path)
    assert not differences, "\n".join(differences)


def run_console(block, folder):
    """Yield what is wrong with a block's command lines."""
    for line, shown in block.steps:
        code, seen = run_line(line, folder, **(SHORT if block.how else {}))
        place = f"{block.page}:{block.line}: {line}\n  "
        if code != 0:
            yield f"{place}exit {code}: {seen}"
        elif shown.strip() and (difference := find_difference(shown, seen)):
            yield f"{place}{difference}"


def run_python(block, names, folder):
    """Run a block after those above it, or write it where its first line says."""
    if module := re.match(r"# (\w+\.py)\n", block.text):
        (folder / module[1]).write_text(block.text, encoding="utf-8")
    else:
        exec(compile(block.text, f"{block.page}:{block.line}", "exec"), names)


def count_blocks(how):
    return Counter(one.page for blocks in BLOCKS.values() for one in blocks if one.how == how)


def test_no_block_is_left_out_or_cut_short_but_those_that_are_counted():
    assert count_blocks("not run") == NOT_RUN
    assert count_blocks("one epoch") == ONE_EPOCH


def test_a_block_that_is_cut_short_shows_no_figures():
    short = [one for blocks in BLOCKS.values() for one in blocks if one.how == "one epoch"]
    assert [
        one for one in short if one.kind != "console" or any(shown for _, shown in one.steps)
    ] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_nothing_that_could_be_run_hides_from_the_test(path):
    text = path.read_text(encoding="utf-8")
    fences = re.findall(r"^```(.*)\n((?:(?!```).*\n)*)```$", text, re.MULTILINE)
    assert 2 * len(fences) == len(re.findall(r"^ *```", text, re.MULTILINE))
    for kind, block in fences:
        assert kind in KINDS
        assert kind == "console" or not re.search(r"^\$ ", block, re.MULTILINE)
        assert kind != "pycon" or path.name == "python-api.md"
    seen = BLOCKS[path.name]
    assert len(seen) == sum(kind in ("console", "python") for kind, _ in fences)
    assert sum(bool(one.how) for one in seen) == text.count("<!--")


@pytest.mark.parametrize("page", ELSEWHERE)
def test_a_page_that_is_tested_elsewhere_is_named_there(page):
    assert f'"{page}"' in (ROOT / ELSEWHERE[page]).read_text(encoding="utf-8")


SEEN = """\
read x.csv: 2,148 rows
              RMSE   inside
this model   4.670     81 %
A,2013-03-01,404.3431,2.5,trained
done in 12 seconds
"""


@pytest.mark.parametrize(
    "shown",
    [
        SEEN,
        "…\nthis model 4.668 81 %\n…",
        "read x.csv: 2,148 rows …",
        "… done in 3 seconds",
        SEEN.replace("404.3431,2.5", "404.2,7.125").replace("81 %", "80 %"),
    ],
)
def test_an_output_may_be_folded_shortened_and_off_by_a_rounding(shown):
    assert find_difference(shown, SEEN) == ""


@pytest.mark.parametrize(
    "shown",
    [
        SEEN.replace("2,148", "2,149"),
        SEEN.replace("4.670", "4.570"),
        SEEN.replace("81 %", "78 %"),
        SEEN.replace("2013-03-01", "2013-03-04"),
        SEEN.replace("trained", "failed"),
        SEEN + "and more\n",
        "read x.csv: 2,148 rows",
        "this model …",
        "… 81 %",
        "… done in 12 seconds … read x.csv: …",
        "…\nthis model 81 %\n…",
    ],
)
def test_an_output_that_says_something_else_is_told(shown):
    assert find_difference(shown, SEEN)


def test_a_command_line_runs_on_a_terminal_of_80_columns(tmp_path):
    furnish_page(tmp_path)
    line = "python -c 'import os, sys; print(os.get_terminal_size(2).columns, sys.stdout.isatty())'"
    assert run_line(line, tmp_path) == (0, "80 True\n")
    assert run_line("false | cat", tmp_path)[0] == 1


@pytest.mark.process
@pytest.mark.parametrize("line", ["stockcast check kurse.csv", "stockcast check none.csv"])
def test_a_plain_line_does_the_same_here_as_in_a_shell(line, tmp_path):
    furnish_page(tmp_path)
    here, shell = run_line(line, tmp_path), run_line(f"{line} && true", tmp_path)
    assert split_plain(f"{line} && true") is None
    assert here == shell
    assert "csv" in here[1]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        (
            "stockcast train 'a b/*.csv' --cell lstm   # the default",
            ["train", "a b/*.csv", "--cell", "lstm"],
        ),
        ("stockcast train *.csv", None),
        ("stockcast check a.csv | head -1", None),
        ("stockcast check a.csv > b.txt", None),
        ("STOCKCAST_SEED=7 stockcast train a.csv", None),
        ("stockcast train $HOME/a.csv", None),
        ("cat a.csv", None),
    ],
)
def test_a_line_is_plain_where_it_takes_no_shell(line, arguments):
    assert split_plain(line) == arguments


@pytest.mark.parametrize("name", screens.SCREENS)
def test_a_screen_of_a_command_needs_no_network_and_is_shown_somewhere(name):
    picture = (screens.FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert "@font-face" not in picture
    assert not re.search(r"(href|src)=|url\((?!#)", picture)
    words = re.sub(r"<[^>]+>", "", picture).replace("&#160;", " ")
    assert screens.SCREENS[name][0] in html.unescape(words)
    assert str(ROOT) not in words
    assert any(f"images/screens/{name}.svg" in path.read_text(encoding="utf-8") for path in PAGES)


def test_no_screen_is_left_over():
    assert {path.stem for path in screens.FOLDER.iterdir()} == set(screens.SCREENS)


def test_of_a_bar_that_was_drawn_over_and_wiped_nothing_is_seen():
    seen = "one\r\n\x1b[?25lbar 1\r\x1b[2Kbar 2\r\nmore\r\x1b[2K\x1b[1A\x1b[2K\x1b[1mtwo\x1b[0m\r\n"
    assert screens.show_lines(seen) == "one\n\x1b[1mtwo\x1b[0m"
