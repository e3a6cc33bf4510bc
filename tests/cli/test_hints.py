"""What a hint says to do next is done, to the letter, and the error that it is of is gone."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import stockcast
from tests.support import SAMPLES, run_stockcast, write_untrained_model
from tests.workbooks import write_xlsx

pytestmark = pytest.mark.slow

PACKAGE = Path(stockcast.__file__).parent
QUICK = "--layers 1 --units 2 --window 5 --epochs 1"
TINY = f"{QUICK} --no-yardsticks"
DAYS = [f"2020-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(120)]


@dataclass(frozen=True)
class Case:
    """An error, and what its hint says.

    Attributes:
        site: module and function that raise it, below stockcast/.
        line: the command line that meets it, in the folder of `folder`.
        hint: a part of the hint, as it stands there. `--option value` is added to the line, an
            option without a value gets `value`, `leave --option out` takes it away, and
            `stockcast …` is run as it is, with the price file for PRICES.
        value: what somebody would say where the hint leaves it open.
        instead: of an option of the line, the one that the hint's replaces.
        then: command lines to run instead, where the hint says so in words.
    """

    site: str
    line: str
    hint: str
    value: str = ""
    instead: str = ""
    then: tuple[str, ...] = ()

    @property
    def lines(self):
        """The command lines that follow the hint."""
        if self.then:
            return self.then
        if self.hint.startswith("stockcast "):
            return (re.sub(r"PRICES…?", "FB.csv", self.hint.removeprefix("stockcast ")),)
        line, arrow, file = self.line.partition(" < ")
        words = shlex.split(line)
        left_out = re.fullmatch(r"leave (--[a-z-]+)(?: \S+)? out", self.hint)
        flag, *given = [left_out[1]] if left_out else shlex.split(self.hint)
        for one in {flag, self.instead} & set(words):
            at = words.index(one)
            is_switch = at + 1 == len(words) or re.match("--?[a-z]", words[at + 1])
            del words[at : at + (1 if is_switch else 2)]
        if not left_out:
            words += [flag, *given, *([self.value] if self.value else [])]
        return (shlex.join(words) + arrow + file,)


CASES = [
    # Which models, and on what.
    Case("backtesting/candidates:_find_source", "backtest FB.csv --models FB.safetensors",
         "--model FB.safetensors", instead="--models"),
    Case("backtesting/candidates:resolve_horizon",
         f"backtest FB.csv --models one.toml,two.toml --folds 2 {QUICK}", "--horizon", "2"),
    Case("backtesting/candidates:resolve_target",
         f"backtest FB.csv --models close.toml,one.toml --folds 2 {QUICK}", "--column", "close"),
    Case("backtesting/covered:_list_cutoffs",
         "backtest FB.csv --forecasts mine.csv --models drift --horizon 3", "--horizon 1"),
    Case("backtesting/covered:_apply_options",
         "backtest FB.csv --forecasts mine.csv --models drift --folds 5", "--folds 2"),
    Case("backtesting/examine:_refuse_other_column",
         "backtest GOOG.csv --forecasts closes.csv --models drift", "--column close"),
    Case("backtesting/recorded:place", "backtest FB.csv --forecasts other.csv --models drift",
         "--ticker OTHER"),
    Case("tuning/space:_parse", f"tune FB.csv --trials 1 --space seed.toml {QUICK} -o b.toml",
         "--seed", "1",
         then=(f"tune FB.csv --trials 1 --folds 1 --seeds 0 --space good.toml --seed 1 {QUICK} "
               "-o b.toml",)),
    Case("tuning/study:_open",
         f"tune FB.csv --trials 1 --storage prices/notes.txt {QUICK} -o b.toml",
         "--storage", "new.db",
         then=(f"tune FB.csv --trials 1 --folds 1 --seeds 0 --space good.toml --storage new.db "
               f"{QUICK} -o b.toml",)),
    Case("workflows/tuning:_choose_objective",
         f"tune FB.csv --trials 1 --folds 1 --seeds 0 --space good.toml --objective how-far "
         f"{QUICK} -o b.toml", "--loss qlike"),
    Case("workflows/tuning:_require_alike",
         f"tune FB.csv --trials 1 --folds 1 --seeds 0 --models one.toml,two.toml --space good.toml "
         f"{QUICK} -o b.toml", "--horizon", "1"),
    # The command line's own.
    Case("cli/commands/export:export", "export FB.safetensors -o -", "--to", "npz"),
    Case("cli/commands/predict:_default_model",
         "predict - < GOOG.csv", "-m models/GOOG.safetensors"),
    Case("cli/commands/train:_check_places", f"train FB.csv -o - {TINY}", "-o MODEL"),
    Case("cli/commands/tune:tune",
         f"tune FB.csv --trials 1 --folds 1 --seeds 0 --space good.toml {QUICK} -o -",
         "-o best.toml"),
    Case("cli/options/backtesting:choose_rows",
         "backtest FB.csv --models drift --summary --overall", "--format json --summary",
         then=("backtest FB.csv --models drift --format json --summary",)),
    Case("cli/options/dates:parse_span", "predict FB.csv -m FB.safetensors --to 2013-02-28",
         "--from alone", then=("predict FB.csv -m FB.safetensors --from 2013-02-25",)),
    # Export.
    Case("exporting/formats:_check_scaling", "export FB.safetensors --to npz --with-scaling",
         "--to onnx"),
    Case("exporting/keras_format:_check", "export odd.safetensors --to keras", "--to npz"),
    Case("workflows/exporting:resolve_format", "export FB.safetensors", "--to npz"),
    Case("workflows/exporting:resolve_format", "export FB.safetensors", "--to onnx"),
    Case("workflows/exporting:resolve_format", "export FB.safetensors -o FB.bin", "--to", "npz"),
    Case("workflows/exporting:resolve_format", "export FB.safetensors --to keras -o FB.bin",
         "-o FB.keras"),
    # Forecasts, and their ledger.
    Case("forecast/forecaster:forecast_span",
         "predict FB.csv -m FB.safetensors --from 2013-02-01 --horizon 3", "--horizon 3",
         then=(f"train FB.csv --horizon 3 {TINY} -o FB.safetensors",
               "predict FB.csv -m FB.safetensors --from 2013-02-01 --horizon 3")),
    Case("forecast/forecaster:_feed_back", "predict FB.csv -m ohlcv.safetensors --horizon 3",
         "--horizon 3",
         then=(f"train FB.csv --recipe ohlcv --horizon 3 {TINY} -o ohlcv.safetensors",
               "predict FB.csv -m ohlcv.safetensors --horizon 3")),
    Case("ledger/file:_append", "predict FB.csv -m FB.safetensors --level 90 --ledger ledger.csv",
         "--ledger FILE"),
    Case("ledger/file:read_ledger", "score none.csv FB.csv", "predict --ledger FILE",
         then=("predict FB.csv -m FB.safetensors --ledger none.csv", "score none.csv FB.csv")),
    Case("workflows/policies:__post_init__",
         "predict FB.csv -m FB.safetensors --from 2013-02-01 --ledger new.csv", "-o FILE",
         instead="--ledger"),
    Case("workflows/forecasting:resolve_reading",
         "predict FB.csv -m FB.safetensors --column open", "leave --column out"),
    Case("workflows/forecasting:require_levels", "predict FB.csv -m few.safetensors --level 99",
         "--level", "none"),
    Case("workflows/forecasting:_require_quantiles",
         "predict FB.csv -m few.safetensors --quantile 1", "--quantile", "40"),
    # Models.
    Case("model/file:load_model", "predict FB.csv -m none.safetensors",
         "stockcast train PRICES", then=(f"train FB.csv {TINY}", "predict FB.csv")),
    Case("model/store:_require_earlier", "rollback FB.safetensors", "--keep 3",
         then=(f"train FB.csv --keep 3 {TINY} -o FB.safetensors", "rollback FB.safetensors")),
    Case("workflows/covariates:require_covariates", "predict FB.csv -m beside.safetensors",
         "--covariates GOOG.csv"),
    # Workbooks and ZIP files.
    Case("prices/containers/workbooks:_read_sheets",
         "prepare book.xlsx -o out --sheet None", "--sheet",
         "Prices one"),
    Case("prices/containers/workbooks:_choose_sheet",
         "prepare book.xlsx -o out", "--sheet 'Prices one'"),
    Case("prices/containers/zip_container:choose_member",
         "prepare two.zip -o out", "--member 'a b.csv'"),
    Case("prices/containers/zip_container:choose_member", "prepare two.zip -o out --member c.csv",
         "--member", "a b.csv"),
    # Covariates.
    Case("prices/covariates:require_known",
         f"train FB.csv --covariates stale.csv {TINY} -o m.safetensors", "--covariate-age 27"),
    Case("prices/covariates:join_covariates",
         f"train early.csv --covariates FB.csv {TINY} -o m.safetensors",
         "leave it out of --covariates", then=(f"train early.csv {TINY} -o m.safetensors",)),
    # How a price file is read.
    Case("prices/csv/assemble:_drop_duplicates",
         "prepare double.csv -o out", "--on-duplicate first"),
    Case("prices/csv/assemble:_drop_duplicates",
         "prepare double.csv -o out", "--on-duplicate last"),
    Case("prices/csv/cells:_ask_decimal", "prepare marks.csv -o out", "--decimal ."),
    Case("prices/csv/cells:_ask_decimal", "prepare marks.csv -o out", "--decimal ,"),
    Case("prices/csv/cells:finish_dates", "prepare order.csv -o out", "--date-format '%d/%m/%Y'"),
    Case("prices/csv/cells:finish_dates", "prepare order.csv -o out", "--date-format '%m/%d/%Y'"),
    Case("prices/csv/cells:_ask_calendar", "prepare jalali.csv -o out", "--date-format jalali"),
    Case("prices/csv/encoding:survey_bytes", "prepare umlaut.csv --encoding utf-8 -o out",
         "leave --encoding out"),
    Case("prices/csv/encoding:_normalize", "prepare FB.csv --encoding utf-16 -o out",
         "--encoding", "utf-8"),
    Case("prices/csv/layout:_ask_which", "prepare several.csv -o out", "--wide"),
    Case("prices/csv/layout:_ask_which", "prepare several.csv -o out", "--column 'Close A'"),
    Case("prices/csv/reader:check_ticker",
         "prepare tickers.csv --ticker NO -o out", "--ticker", "A"),
    Case("prices/csv/reader:choose_one", "predict tickers.csv -m plain.safetensors --chart a.png",
         "--ticker A"),
    Case("prices/history:require_columns", "prepare plain.csv --features close,volume -o out",
         "--column", "close", then=("prepare plain.csv --column close -o out",)),
    Case("prices/target:_explain_missing", "prepare plain.csv --column open -o out", "--column",
         "close"),
    Case("prices/target:require_values", "prepare hole.csv -o out", "--column", "open"),
    # What a network can be trained on.
    Case("windows/features:choose_columns",
         "prepare FB.csv --features open,high --column close -o out", "--column", "open"),
    Case("windows/features:_check_values", "prepare zero.csv -o out", "--target price"),
    Case("windows/prepared:_find_series", f"train empty {TINY} -o m.safetensors",
         "stockcast prepare PRICES -o empty",
         then=("prepare FB.csv -o empty", "train empty --epochs 1 --layers 1 -o m.safetensors")),
    Case("windows/prepared:_check_shapes", "train one --window 20 -o m.safetensors", "--window",
         then=("prepare FB.csv --window 20 -o one",
               "train one --window 20 --epochs 1 --layers 1 -o m.safetensors")),
    Case("windows/prepared:read_prepared", "train one --pooled -o m.safetensors",
         "stockcast train --pooled PRICES…",
         then=(f"train --pooled FB.csv GOOG.csv {TINY} -o m.safetensors",)),
    Case("windows/prepared:write_prepared", "prepare FB.csv -o prices", "-o", "elsewhere"),
    Case("windows/scaling:fit_scaler", "prepare flat.csv --features close,volume -o out",
         "--features", "close"),
    Case("windows/split:split_rows", "train short.csv -o m.safetensors",
         "stockcast predict PRICES -m pretrained"),
    Case("windows/split:split_rows", "prepare FB.csv --horizon 5 --test 3 -o out", "--test 5"),
    Case("windows/split:split_rows",
         "prepare FB.csv --horizon 5 --test 3 -o out", "--horizon", "2"),
    # How a model is published.
    Case("workflows/policies:__post_init__",
         f"train FB.csv --min-skill how-far:-9 {TINY} -o m.safetensors",
         "leave --no-yardsticks out"),
    Case("workflows/policies:require_plain",
         f"train FB.csv GOOG.csv --warm-start FB.safetensors {TINY} -o models",
         "train them one by one",
         then=("train FB.csv --warm-start FB.safetensors --layers 2 --units 8 --window 20 "
               "--epochs 1 --no-yardsticks -o a.safetensors",)),
    Case("workflows/publishing:check_judged",
         f"train FB.csv --min-skill how-far:-9 --target price {QUICK} -o m.safetensors",
         "leave --target price out"),
    Case("workflows/publishing:find_checkpoint", f"train FB.csv --resume {TINY} -o m.safetensors",
         "leave --resume out"),
    Case("workflows/training:_check_folder",
         f"train FB.csv GOOG.csv --jobs 1 {TINY} -o m.safetensors", "-o models/"),
    Case("workflows/training:_check_pool_path", f"train --pooled FB.csv GOOG.csv {TINY} -o models",
         "-o models/pooled.safetensors"),
    Case("workflows/demo:_put_sample", "demo prices", "stockcast demo DIR",
         then=("demo --help",)),
]  # fmt: skip

# Whose hints are not followed here, and why.
ELSEWHERE = {
    **dict.fromkeys(
        ["files/lock:_acquire", "fleet/cluster:_explain_start", "fleet/cluster:check",
         "fleet/work:explain_bug",
         "fleet/work:explain_death", "workflows/tasks:look"],
        "takes other processes: tests/faults and tests/unit/fleet",
    ),
    **dict.fromkeys(
        ["sklearn/held_out:hold_out_newest", "workflows/nixtla:_require_rows",
         "windows/covariates:_compute", "windows/series:_refuse_pooled"],
        "is of Python, where nothing is typed: its own unit test",
    ),
    **dict.fromkeys(
        ["prices/csv/blocks:iterate_blocks", "prices/csv/dialect:find_dialect",
         "prices/csv/encoding:_guess_encoding", "prices/csv/kept:_refuse_bad",
         "prices/csv/kept:_refuse_undated", "prices/csv/layout:_explain_no_date",
         "prices/csv/layout:_find_groups", "windows/covariates:_require_positive",
         "windows/scaling:_measure_changes"],
        "asks to mend the file first: an option helps only who knows better than the reader",
    ),
    **dict.fromkeys(
        ["backtesting/date_folds:place_folds", "prices/covariates:see_covariates",
         "tuning/study:_require_same", "windows/pooling:add", "windows/pooling:finish",
         "workflows/backtesting:_choose_covariates", "workflows/tuning:_drop_short"],
        "asks for other data, and names the option that asked for too much",
    ),
    "cli/output/tables:write_bytes": "stdout is closed, which a test in this process cannot do",
    "exporting/onnx_file:serialize_onnx": "takes two gigabytes of weights",
    "exporting/onnx_format:_check": "every cell that there is has its operator",
    "recipe:_explain": "asks for a file of the user's own, whose name it cannot know",
    "windows/calendar_features:_require_days": "names a part of an option's value, to be left out",
    "model/file:_take_calibration": "is of a file that was tampered with: tests/faults",
    "prices/csv/proposal:explain_choices": "says once more what layout:_ask_which asks",
    "prices/exchange:__call__": "is of the years that a calendar knows, which its library moves on",
    "prices/exchange:_cannot_make": "takes a version of a library that lacks a calendar",
    "training/engine:choose_engine": "takes an environment without TensorFlow",
    "training/loop:run_epoch": "no learning rate that is allowed makes a loss infinite for sure",
}  # fmt: skip


def write(folder, name, header, rows):
    lines = [header, *(",".join(str(cell) for cell in row) for row in rows)]
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_prices(folder):
    """Price files, each odd in one way."""
    closes = [20 + (7 * day % 11) / 10 for day in range(len(DAYS))]
    plain = list(zip(DAYS, closes, strict=True))
    lines = (SAMPLES / "FB.csv").read_text().splitlines()
    for name in ("FB", "GOOG"):
        shutil.copy(SAMPLES / f"{name}.csv", folder)
    (folder / "short.csv").write_text("\n".join(lines[:70]) + "\n")
    (folder / "stale.csv").write_text("\n".join(lines[:-27]) + "\n")
    write(folder, "plain.csv", "Date,Close", plain)
    write(folder, "early.csv", "Date,Close", [(f"1990{day[4:]}", close) for day, close in plain])
    write(folder, "old.csv", lines[0], [line.split(",") for line in lines[1:]])
    write(folder, "double.csv", "Date,Close", [*plain, (DAYS[9], 30.5)])
    write(folder, "marks.csv", "Date;Close", [])
    marks = "".join(f"{day};{1 + n % 9}.{100 + n}\n" for n, day in enumerate(DAYS))
    (folder / "marks.csv").write_text("Date;Close\n" + marks.replace(".", ","))
    days = [divmod(n * 89 % 144, 12) for n in range(len(DAYS))]  # ascending in neither order
    order = [(f"{1 + a:02d}/{1 + b:02d}/2020", c) for (a, b), c in zip(days, closes, strict=True)]
    write(folder, "order.csv", "Date,Close", order)
    jalali = [(f"1399-{1 + n // 28:02d}-{1 + n % 28:02d}", c) for n, c in enumerate(closes)]
    write(folder, "jalali.csv", "Date,Close", jalali)
    pairs = [(day, close, 2 * close) for day, close in plain]
    write(folder, "several.csv", "Date,Close A,Close B", pairs)
    umlaut = (folder / "plain.csv").read_text().replace("Close", "Schlußkurs")
    (folder / "umlaut.csv").write_text(umlaut, encoding="latin-1")
    tickers = [(name, day, close) for name in "AB" for day, close in plain]
    write(folder, "tickers.csv", "Ticker,Date,Close", tickers)
    hole = [(day, close, "" if n == 50 else close) for n, (day, close) in enumerate(plain)]
    write(folder, "hole.csv", "Date,Open,Close", hole)
    zero = [(day, 0 if n == 50 else close) for n, (day, close) in enumerate(plain)]
    write(folder, "zero.csv", "Date,Close", zero)
    write(folder, "flat.csv", "Date,Close,Volume", [(day, close, 7) for day, close in plain])
    with zipfile.ZipFile(folder / "two.zip", "w") as file:
        for name in ("a b.csv", "b.csv"):
            file.write(folder / "plain.csv", name)
    sheet = [["Date", "Close"], *([day, close] for day, close in plain)]
    (folder / "book.xlsx").write_bytes(write_xlsx({"Prices one": sheet, "Prices two": sheet}))


def write_others(folder):
    """Models, recipes and recorded forecasts."""
    for name, fields in {
        "FB": {},
        "models/GOOG": {},
        "few": {"residuals": 5},
        "odd": {"cell": "cifg-peephole"},
        "ohlcv": {"features": ("open", "high", "low", "close", "volume"), "column": "close"},
    }.items():
        write_untrained_model(folder / f"{name}.safetensors", SAMPLES / "FB.csv", **fields)
    write_untrained_model(folder / "plain.safetensors", folder / "plain.csv")
    for name, text in {
        "one": "horizon = 1\n",
        "two": "horizon = 2\n",
        "close": 'column = "close"\n',
        "seed": "seed = [1, 2]\n",
        "good": "dropout = [0.1, 0.2]\n",
    }.items():
        (folder / f"{name}.toml").write_text(text)
    mine = [("2013-02-27", 27), ("2013-02-28", 27.5)]
    write(folder, "mine.csv", "date,forecast", mine)
    write(folder, "other.csv", "ticker,date,forecast", [("OTHER", *row) for row in mine])
    bars = [line.split(",") for line in (SAMPLES / "GOOG.csv").read_text().splitlines()[-61:]]
    pairs = itertools.pairwise(bars)
    write(folder, "closes.csv", "date,forecast", [(bar[0], before[4]) for before, bar in pairs])
    (folder / "prices").mkdir()
    (folder / "prices" / "notes.txt").write_text("mine\n")
    (folder / "empty").mkdir()
    for line in (
        "predict FB.csv -m FB.safetensors --ledger ledger.csv",
        "prepare FB.csv --window 30 -o one",
        f"train FB.csv --covariates GOOG.csv {TINY} -o beside.safetensors",
    ):
        assert run(line, folder).returncode == 0, line


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hints")
    write_prices(folder)
    write_others(folder)
    return folder


@pytest.fixture
def folder(furnished, tmp_path):
    """A folder of its own with what the command lines name."""
    return Path(shutil.copytree(furnished, tmp_path / "there"))


def run(line, folder, *more):
    """Run a command line; `< FILE` at its end is its stdin."""
    line, _, file = line.partition(" < ")
    stdin = (folder / file).read_bytes() if file else None
    return run_stockcast(*shlex.split(line), *more, stdin=stdin, cwd=folder)


def read_error(done):
    """Return message and hint, and which modules of ours were on the way."""
    text = done.stderr.decode()
    message, _, hint = text.rpartition("\nerror: ")[2].partition("\n")
    modules = set(re.findall(r'File ".*/stockcast/([^"]+)\.py", line', text))
    return message, " ".join(hint.split()), modules


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.site} {case.hint}")
def test_a_hint_that_is_followed_works(case, folder):
    met = run(case.line, folder, "--debug")
    message, hint, modules = read_error(met)
    assert met.returncode > 1, met.stderr.decode()  # 1 is a bug
    assert case.site.partition(":")[0] in modules, met.stderr.decode()
    assert case.hint in hint, f"{message}\n{hint}"
    for line in case.lines:
        followed = run(line, folder)
        assert followed.returncode == 0, f"{line}\n{followed.stderr.decode()}"


NAMES = re.compile(r"\b(option|command)\(|(?<![\w-])--?[a-z]|_RETRAIN")


def list_sites():
    """Return each function that raises an error whose hint names an option or a command."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            hints = [
                ast.unparse(one.value) for one in call.keywords if one.arg in ("hint", "otherwise")
            ]
            if any(NAMES.search(one) for one in hints):
                inside = [one for one in functions if one.lineno <= call.lineno <= one.end_lineno]
                name = max(inside, key=lambda one: one.lineno).name
                found.add(f"{path.relative_to(PACKAGE).with_suffix('')}:{name}")
    return found


def test_every_hint_that_names_an_option_is_followed_or_has_a_reason_why_not():
    covered = {case.site for case in CASES}
    assert covered & set(ELSEWHERE) == set()
    assert list_sites() == covered | set(ELSEWHERE)
