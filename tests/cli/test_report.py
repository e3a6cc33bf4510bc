"""`--report`: one page beside the result, and stdout as without it."""

from __future__ import annotations

import html

import pytest

from tests.support import CONFIGS, SAMPLES, run_stockcast

FB = SAMPLES / "FB.csv"
FAST = ["--recipe", CONFIGS / "fast.toml", "--epochs", 2]


@pytest.mark.slow
def test_train_writes_a_page_with_the_verdict_that_it_tells(tmp_path):
    run = run_stockcast("train", FB, *FAST, "--report", "deep/page.html", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout == b"models/FB.safetensors\n"
    told = run.stderr.decode().partition("verdict: ")[2].splitlines()[0]
    page = html.unescape((tmp_path / "deep" / "page.html").read_text(encoding="utf-8"))
    assert f"Verdict: {told}." in page
    assert "How training went" in page
    assert "validation" in page


@pytest.mark.slow
def test_a_prepared_folder_has_a_page_too_and_the_same_model(tmp_path):
    for command in (
        ["prepare", FB, "--recipe", CONFIGS / "fast.toml", "-o", "prepared"],
        ["train", "prepared", "--epochs", 2, "-o", "one.safetensors", "--report", "one.html"],
        ["train", FB, *FAST, "-o", "two.safetensors"],
    ):
        run = run_stockcast(*command, cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert "Predicted against real" in page
    assert "The prices came prepared" in page
    one, two = ((tmp_path / f"{name}.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--report", "page.pdf"], b"ends in .html"),
        (["--report", "m.html", "-o", "m.html"], b"named twice"),
    ],
    ids=["no page's name", "the model's own name"],
)
def test_a_page_that_cannot_be_is_refused_before_any_training(tmp_path, arguments, why):
    run = run_stockcast("train", FB, *FAST, *arguments, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, b"")
    assert why in run.stderr
    assert b"read " not in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_page_in_a_place_that_cannot_be_is_refused_before_any_training(tmp_path):
    (tmp_path / "file").write_text("")
    run = run_stockcast("train", FB, *FAST, "--report", "file/page.html", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (8, b"")
    assert b"epoch" not in run.stderr


@pytest.mark.slow
def test_a_backtest_writes_a_page_with_what_it_concludes(tmp_path):
    run = run_stockcast(
        "backtest", FB, "--models", "last-price,drift", "--folds", 30, "--summary",
        "--report", "page.html", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout.startswith(b"ticker,model,")
    page = html.unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    lead = page.partition('<p class="lead">')[2].partition("</p>")[0]
    assert lead in run.stderr.decode()
    assert '<th scope="row">drift</th>' in page


def test_a_backtest_refuses_a_page_of_another_name(tmp_path):
    run = run_stockcast(
        "backtest", FB, "--models", "drift", "--folds", 5, "--report", "page.png", cwd=tmp_path
    )
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"ends in .html" in run.stderr
