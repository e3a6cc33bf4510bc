"""Signals, streams and surroundings that are not what they should be."""

import array
import fcntl
import os
import signal
import stat
import subprocess
import sys
import termios
import time

import pytest

from tests.faults.support import KILLED, list_leftovers
from tests.support import CONFIGS, ROOT, SAMPLES

pytestmark = pytest.mark.process

HEAD = b"ticker,date,step,forecast,"
FAST = f"--recipe {CONFIGS / 'fast.toml'} --epochs 1"


def run_shell(line, cwd=ROOT, **env):
    """Run a line of shell, in which `stockcast` is this one."""
    return subprocess.run(
        ["bash", "-c", f'stockcast() {{ {sys.executable} -m stockcast "$@"; }}\n{line}'],
        capture_output=True, cwd=cwd, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip


@pytest.fixture(scope="module")
def predict(small_model):
    return f"stockcast predict {SAMPLES / 'FB.csv'} -m {small_model}"


@pytest.fixture(scope="module")
def forecast(predict):
    """What `predict` prints in the surroundings of the tests."""
    return run_shell(predict).stdout


def start_reading(*more, **options):
    """Start a prediction that waits for stdin."""
    return subprocess.Popen(
        [sys.executable, "-m", "stockcast", "predict", "-", *map(str, more)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, **options,
    )  # fmt: skip


def wait_until_it_reads(process):
    """Feed a process a line, and wait until it has taken it and wants more."""
    process.stdin.write(b"Date,Close\n")
    process.stdin.flush()
    waiting = array.array("i", [1])
    for _ in range(600):
        fcntl.ioctl(process.stdin, termios.FIONREAD, waiting)
        if not waiting[0]:
            return
        time.sleep(0.05)
    pytest.fail("it never read")


@pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
)
def test_a_signal_ends_a_run_that_waits_for_stdin_with_its_own_code(
    signum, code, tmp_path, small_model
):
    process = start_reading("-m", small_model, "-o", tmp_path / "next.csv")
    wait_until_it_reads(process)
    process.send_signal(signum)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, b"")
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_what_the_caller_ignores_stays_ignored(small_model):
    process = start_reading(
        "-m", small_model, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    wait_until_it_reads(process)
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (4, b"")  # a header and no rows
    assert b"no rows" in err


SLOW_END = """
import sys, time
from stockcast.cli import app
def work(arguments, **settings):
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("ending", flush=True)
        time.sleep(60)
app.app = work
app.main()
"""


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_at_once(signum):
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_END], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signum)
        assert process.stdout.readline() == b"ending\n"
        process.send_signal(signum)
        assert process.wait(timeout=30) == -signum


def test_a_stdin_that_never_answers_ends_with_timeout(small_model):
    reader, writer = os.pipe()
    run = subprocess.run(
        ["timeout", "3", sys.executable, "-m", "stockcast", "predict", "-", "-m", small_model],
        stdin=reader, capture_output=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    os.close(reader)
    os.close(writer)
    assert run.returncode == 124
    assert b"Traceback" not in run.stderr


def test_a_closed_stdin_is_told(small_model):
    run = run_shell(f"stockcast predict - -m {small_model} <&-")
    assert run.returncode == 4
    assert b"stdin is closed" in run.stderr


def test_a_full_device_as_stdout_is_exit_8(predict):
    run = run_shell(f"{predict} > /dev/full")
    assert run.returncode == 8
    assert b"cannot write to stdout: No space left on device" in run.stderr
    assert b"Exception ignored" not in run.stderr


def test_a_full_device_as_stderr_does_not_matter(predict):
    run = run_shell(f"{predict} 2> /dev/full")
    assert run.returncode == 0
    assert run.stdout.startswith(HEAD)


def test_a_reader_that_has_seen_enough_of_stderr_does_not_matter(predict, tmp_path):
    run = run_shell(f"{{ {predict} -v 2>&3 3>&- | cat > next.csv; exit ${{PIPESTATUS[0]}}; }} 3>&1 "
                    "| true; exit ${PIPESTATUS[0]}", cwd=tmp_path)  # fmt: skip
    assert run.returncode == 0
    assert (tmp_path / "next.csv").read_bytes().startswith(HEAD)


def test_all_streams_closed_leaves_a_file_that_was_asked_for(predict, tmp_path):
    run = run_shell(f"{predict} -o {tmp_path / 'next.csv'} <&- >&- 2>&-")
    assert run.returncode == 0
    assert (tmp_path / "next.csv").read_bytes().startswith(HEAD)


@pytest.mark.slow
def test_training_with_all_streams_closed_writes_its_model_and_nothing_into_it(tmp_path):
    path = tmp_path / "FB.safetensors"
    run = run_shell(f"stockcast train {SAMPLES / 'FB.csv'} {FAST} -o {path} <&- >&- 2>&-")
    assert run.returncode == 8  # its path cannot be written
    closed = path.read_bytes()
    run = run_shell(f"stockcast train {SAMPLES / 'FB.csv'} {FAST} -o {path}")
    assert run.returncode == 0
    assert path.read_bytes() == closed


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"TZ": "Nowhere/At-All"},
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": ":/etc/passwd"},
        {"TERM": "nonsense"},
        {"COLUMNS": "1"},
    ],
    ids=str,
)
def test_odd_surroundings_change_no_byte_of_the_forecast(env, predict, forecast):
    run = run_shell(predict, **env)
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout == forecast
    assert forecast.startswith(HEAD)


def test_no_home_is_needed(predict):
    run = run_shell(f"unset HOME; env -u HOME PATH=$PATH true; {predict}")
    assert run.returncode == 0
    run = run_shell(predict, HOME="/nonexistent")
    assert run.returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_no_hindrance_if_the_result_goes_elsewhere(predict, tmp_path):
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    run = run_shell(f"{predict} -o {tmp_path / 'next.csv'}", cwd=folder)
    assert run.returncode == 0
    run = run_shell(f"{predict} -o next.csv", cwd=folder)
    assert run.returncode == 8
    assert list_leftovers(tmp_path) == []


def test_a_working_folder_that_is_gone_is_no_hindrance(predict, tmp_path):
    run = run_shell(f"mkdir gone; cd gone; rmdir ../gone; {predict}", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()


def test_a_kill_while_waiting_leaves_nothing(tmp_path, small_model):
    process = start_reading("-m", small_model, "-o", tmp_path / "next.csv")
    wait_until_it_reads(process)
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == KILLED
    assert list(tmp_path.iterdir()) == []
