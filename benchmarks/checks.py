"""What `benchmarks.hosts` looks at, a function for each."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

import stockcast
from benchmarks.network import signal_all, wait_until
from benchmarks.processes import ROOT
from benchmarks.stage import Cluster, Report, Run, Stage, Training, list_certificates

_SOON = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "15s"}
_TTL = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s"}
_NO_PAGES = {
    "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
}
_FETCH = "import sys, urllib.request as r; print(len(r.urlopen(sys.argv[1], timeout=5).read()))"
_BEGIN = 120  # seconds until a run has its first models


def check_same_bytes(stage: Stage, report: Report) -> None:
    """Two hosts make what one process makes."""
    with stage.open_cluster():
        run = stage.train(*stage.name_cluster())
    same = run.models == stage.expected
    what = f"two hosts: exit {run.code} in {run.seconds:.0f} s, {len(run.models)} models, "
    report.tell(run.code == 0 and same, what + ("byte for byte the same" if same else "OTHERS"))


def check_certificates(stage: Stage, report: Report) -> None:
    """Who shows a certificate of another authority is not let in."""
    # Knowing our authority they trust the scheduler: it is the scheduler that has to refuse.
    mixed = {**stage.theirs, "ca": stage.ours["ca"]}
    with stage.open_cluster() as cluster:
        for what, files in (("another authority", stage.theirs), ("another, told ours", mixed)):
            run = stage.train(*stage.name_cluster(files))
            fine = run.code == 2 and not run.models and run.seconds < 30
            report.tell(fine, f"a caller of {what}: {tell_refusal(run)}")
        words, log = list_certificates(mixed), cluster.scheduler
        options = ("--no-nanny", "--death-timeout", "10")
        began = time.monotonic()
        with stage.start_worker(stage.workers[0], words, None, *options) as worker:
            code = worker.wait(seconds=60)
        failed = f"TLS handshake failed with remote 'tls://{stage.workers[0].address}"
        joined = log.read().count("Register worker")
        what = (
            f"a worker's of another authority: exit {code} after {time.monotonic() - began:.0f} s, "
        )
        what += f"{log.read().count(failed)} handshakes refused, {joined} workers at the scheduler"
        report.tell(code != 0 and failed in log.read() and joined == 2, what)


def check_pages(stage: Stage, report: Report) -> None:
    """Dask's pages, which ask for no certificate, are there unless they are turned off."""
    page = f"http://{stage.scheduler.address}:8787/info/main/workers.html"
    for name, settings, shown in (("", {}, True), (", routes []", _NO_PAGES, False)):
        with stage.open_cluster(settings):
            log = stage.make_log("fetch")
            argv = [sys.executable, "-c", _FETCH, page]
            with stage.caller.start(argv, stage.folder, log) as fetch:
                code = fetch.wait(seconds=30)
        what = f"--no-dashboard{name}: a page of the scheduler without a certificate: "
        report.tell((code == 0) == shown, what + fetch.read().split("\n")[-2])


def check_open(stage: Stage, report: Report) -> None:
    """Nothing goes to another host in the open, unless that is asked for."""
    url = stage.url.replace("tls:", "tcp:")
    run = stage.train("--cluster", url)
    what = f"tcp:// to another host: {tell_refusal(run)}"
    report.tell(run.code == 2 and "--insecure" in run.said, what)
    with stage.open_cluster(tls=False):
        run = stage.train("--cluster", url, "--insecure")
    same = run.models == stage.expected
    what = f"the same with --insecure: exit {run.code} in {run.seconds:.0f} s, "
    report.tell(run.code == 0 and same, what + f"the same models: {same}")


def check_versions(stage: Stage, report: Report) -> None:
    """A worker with another stockcast is named, and nothing is sent to it."""
    other = stage.folder / "other"
    shutil.copytree(ROOT / "stockcast", other / "stockcast")
    init = other / "stockcast" / "__init__.py"
    init.write_text(init.read_text().replace(f'"{stockcast.__version__}"', '"0.0.1"'))
    with (
        stage.open_cluster(),
        stage.start_worker(
            stage.workers[1], list_certificates(stage.ours), {"PYTHONPATH": str(other)}
        ) as worker,
    ):
        worker.wait_for("Registered to", seconds=60)
        run = stage.train(*stage.name_cluster())
    what = f"a worker of another version: {tell_refusal(run)}"
    report.tell(run.code == 2 and "has stockcast 0.0.1" in run.said and not run.models, what)


def check_lost_worker(stage: Stage, report: Report) -> None:
    """A worker's host goes away; what it had is done elsewhere."""
    for name, settings in (("default settings", {}), ("comm.timeouts.tcp 15s", _SOON)):
        with stage.open_cluster(settings) as cluster:
            with stage.start_training(*stage.name_cluster()) as training:
                wait_for_models(training)
                stage.workers[0].cut_off()
                try:
                    finish_without(stage, report, cluster, training, f"cut off, {name}")
                finally:
                    stage.workers[0].connect()
            try:
                code = cluster.workers[0].wait(seconds=60)
                report.tell(True, f"its cable is back: its worker ends itself with {code}")
            except subprocess.TimeoutExpired:
                report.tell(False, "its cable is back, and its worker does not know what to do")


def check_frozen_worker(stage: Stage, report: Report) -> None:
    """A worker's host stands still, its kernel answers: only missing heartbeats tell."""
    with (
        stage.open_cluster(_TTL) as cluster,
        stage.start_training(*stage.name_cluster()) as training,
    ):
        wait_for_models(training)
        signal_all(cluster.workers[0].process, signal.SIGSTOP)
        finish_without(stage, report, cluster, training, "frozen, worker-ttl 20s")


def finish_without(
    stage: Stage, report: Report, cluster: Cluster, training: Training, what: str
) -> None:
    """Tell when the scheduler noticed that the first worker is gone, and how the run ended."""
    before = len(training.list_models())
    text = f"Remove worker addr: tls://{stage.workers[0].address}"
    seconds = cluster.scheduler.wait_for(text, seconds=180)
    run = training.finish()
    same = run.models == stage.expected
    report.tell(
        run.code == 0 and same,
        f"a worker's host {what}, after {before} models: noticed after {seconds:.0f} s, exit "
        f"{run.code} after {run.seconds:.0f} s in all, {len(run.models)} models, the same: {same}",
    )


def check_lost_workers(stage: Stage, report: Report) -> None:
    """All workers go away."""
    with (
        stage.open_cluster() as cluster,
        stage.start_training(*stage.name_cluster()) as training,
    ):
        wait_for_models(training)
        for worker in cluster.workers:
            signal_all(worker.process, signal.SIGKILL)
        began = time.monotonic()
        run = training.finish()
    took = time.monotonic() - began
    what = f"all workers killed, exit {took:.0f} s later; {tell_refusal(run)}"
    report.tell(run.code == 2 and "all workers are gone" in run.said, what)


def check_lost_scheduler(stage: Stage, report: Report) -> None:
    """The scheduler goes away; the caller ends, and the next run goes on."""
    for how in ("killed", "cut off", "frozen"):
        with (
            stage.open_cluster() as cluster,
            stage.start_training(*stage.name_cluster()) as training,
        ):
            before = wait_for_models(training)
            began = time.monotonic()
            if how == "cut off":
                stage.scheduler.cut_off()
            else:
                number = signal.SIGKILL if how == "killed" else signal.SIGSTOP
                signal_all(cluster.scheduler.process, number)
            try:
                run = training.finish()
            finally:
                stage.scheduler.connect()
        took = time.monotonic() - began
        whole = all(stage.expected[name] == model for name, model in run.models.items())
        what = f"the scheduler {how} after {before} models, exit {took:.0f} s later, "
        what += f"{len(run.models)} models stay; {tell_refusal(run)}"
        fine = run.code == 2 and whole and len(run.models) >= before and "Traceback" not in run.said
        report.tell(fine, what)
        with stage.open_cluster():
            again = stage.train(*stage.name_cluster(), "--if-changed", models=training.folder)
        same = again.models == stage.expected
        what = f"the next run with --if-changed: exit {again.code} in {again.seconds:.0f} s, "
        report.tell(again.code == 0 and same, what + f"all the same: {same}; …{again.said[-25:]}")


def tell_refusal(run: Run) -> str:
    return f"exit {run.code} in {run.seconds:.1f} s: {run.quote()}"


def wait_for_models(training: Training) -> int:
    """Wait until a run has published two models, and return how many there are."""
    wait_until(lambda: len(training.list_models()) >= 2, "models", seconds=_BEGIN)
    return len(training.list_models())
