"""Price files, recipes and names made to do harm."""

import re
import resource
import subprocess
import sys

import pytest

from stockcast.errors import InvalidRecipe, UnreadablePrices
from stockcast.prices.csv.raw import spool_pipe
from stockcast.recipe import load_recipe
from tests.faults.support import list_leftovers
from tests.support import ROOT, SAMPLES, run_stockcast

# The command in this process, and what memory it needed at most.
MEASURED = r"""
import re, sys
from stockcast.cli.app import main
sys.argv[0] = "stockcast"
try:
    main()
finally:
    peak = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]
    print(f"\npeak {peak}", file=sys.stderr)
"""
ONE_LINE = """
import sys
for _ in range(1 << 10):
    sys.stdout.buffer.write(b"1" * (1 << 20))
"""
MANY_COLUMNS = """
import sys
write = sys.stdout.buffer.write
write(b"Date," + b",".join(b"c%d" % number for number in range(10**6)) + b"\\n")
for day in range(1, 4):
    write(b"2020-01-0%d," % day + b",".join([b"1"] * 10**6) + b"\\n")
"""
ENDLESS = """
import sys
sys.stdout.buffer.write(b"Date,Close\\n")
while True:
    sys.stdout.buffer.write(b"2020-01-01,1.5\\n" * 4096)
"""


def pipe_into(code, *arguments, seconds=None, **options):
    """Run the command on what Python code writes; return code, stderr and megabytes needed."""
    command = [sys.executable, "-c", MEASURED, *map(str, arguments)]
    if seconds is not None:
        command = ["timeout", str(seconds), *command]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as source:
        run = subprocess.run(command, stdin=source.stdout, capture_output=True, cwd=ROOT, **options)
        source.stdout.close()  # an endless writer ends with its reader
    text, _, peak = run.stderr.decode().rpartition("\npeak ")
    assert "Traceback" not in text
    assert run.stdout == b""
    return run.returncode, " ".join(text.split()), int(peak) / 1024


@pytest.mark.process
@pytest.mark.parametrize("command", ["check", "predict"])
def test_a_line_of_a_gigabyte_is_refused_in_little_memory(command, small_model):
    more = ["-m", small_model] if command == "predict" else []
    code, text, megabytes = pipe_into(ONE_LINE, command, "-", *more)
    assert code == 4
    assert "a line of more than" in text
    assert megabytes < 300


@pytest.mark.process
@pytest.mark.parametrize("more", [[], ["--wide"]], ids=str)
def test_a_million_columns_are_refused_in_bounded_memory(more, small_model):
    code, text, megabytes = pipe_into(MANY_COLUMNS, "predict", "-", "-m", small_model, *more)
    assert code == 4, text
    assert len(text) < 2_000
    assert megabytes < 1_500


@pytest.mark.process
def test_a_pipe_that_never_ends_is_ended_by_timeout_in_bounded_memory(small_model):
    code, _, megabytes = pipe_into(ENDLESS, "predict", "-", "-m", small_model, seconds=3)
    assert code == 124
    assert megabytes < 400


class Endless:
    """A pipe that always has more."""

    def read(self, size):
        return b"2020-01-01,1.5\n" * 10


def test_a_pipe_longer_than_any_price_file_is_refused(monkeypatch):
    monkeypatch.setattr("stockcast.prices.csv.raw._LARGEST_PIPE", 1_000)
    with pytest.raises(UnreadablePrices, match="stdin: more than 900 bytes"):
        spool_pipe(Endless(), name="stdin")


@pytest.mark.process
def test_a_pipe_that_there_is_no_room_for_is_refused(small_model):
    def allow_a_megabyte():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    code, text, _ = pipe_into(
        ENDLESS, "predict", "-", "-m", small_model, preexec_fn=allow_a_megabyte
    )
    assert code == 4
    assert "cannot keep what stdin holds: File too large" in text


HOSTILE_NAMES = ["../../x", "/etc/x", "..", ".", "a/b", "=cmd()", "\x1b[31mx", "a\x00b", "con\nx"]


@pytest.mark.parametrize("ticker", HOSTILE_NAMES)
def test_a_hostile_ticker_reaches_no_file_name(ticker, tmp_path):
    """What is written is called after the file, never after what stands in it."""
    inside = tmp_path / "in" / "deep"
    inside.mkdir(parents=True)
    head, *rows = (SAMPLES / "FB.csv").read_text().splitlines()
    name = '"' + ticker + '"'
    prices = inside / "data.csv"
    prices.write_text("\n".join([f"Ticker,{head}", *(f"{name},{row}" for row in rows), ""]))
    run = run_stockcast("prepare", prices, "-o", inside / "out", cwd=inside)
    assert run.returncode in (0, 4), run.stderr.decode()
    assert b"Traceback" not in run.stderr
    assert b"\x1b" not in run.stderr
    outside = [path for path in tmp_path.rglob("*") if inside not in (path, *path.parents)]
    assert outside == [tmp_path / "in"]
    names = {path.name for path in inside.rglob("*")}
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names), names
    assert list_leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["../../x.csv", "=cmd().csv", "\x1b[31mx.csv", "-rf.csv"])
def test_a_hostile_file_name_is_only_shown(name, tmp_path, small_model):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    prices = folder / name
    prices.write_bytes((SAMPLES / "FB.csv").read_bytes())
    run = run_stockcast("predict", "-m", small_model, "--", name, cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    assert b"\x1b" not in run.stderr
    assert run.stdout.splitlines()[1].startswith(b"'=" if name[0] == "=" else b"") or name[0] != "="


def test_a_recipe_of_a_megabyte_is_refused_unread(tmp_path):
    path = tmp_path / "large.toml"
    path.write_bytes(b"# " + b"x" * (1 << 20))
    with pytest.raises(InvalidRecipe, match="larger than any recipe"):
        load_recipe(path)


def test_a_recipe_that_never_ends_is_refused():
    with pytest.raises(InvalidRecipe, match="no recipe"):
        load_recipe("/dev/zero")


@pytest.mark.parametrize("text", ["$HOME", "${SECRET}", "%(SECRET)s", "{SECRET}", "!env SECRET"])
def test_a_recipe_sees_nothing_of_the_environment(text, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "lstm")
    path = tmp_path / "recipe.toml"
    path.write_text(f'cell = "{text}"\n')
    with pytest.raises(InvalidRecipe) as caught:
        load_recipe(path)
    assert text in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 20_000, "units = " + "9" * 5_000, "[" * 5_000, "a." * 5_000 + "b = 1"],
    ids=lambda text: text[:12],
)
def test_a_recipe_that_is_deep_or_large_is_refused(text, tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(InvalidRecipe) as caught:
        load_recipe(path)
    assert len(str(caught.value)) < 1_000
