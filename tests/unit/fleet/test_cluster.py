"""Which clusters are refused before anything is sent to them."""

import subprocess
import sys

import pytest

from stockcast.errors import ClusterError, UsageError
from stockcast.fleet.cluster import Address, open_cluster
from tests.support import SAMPLES


def is_allowed(address):
    try:
        address.check()
    except UsageError:
        return False
    return True


@pytest.mark.parametrize(
    "url", ["", "localhost:8786", "http://localhost:8786", "tcp://localhost", "tls://:8786"]
)
def test_what_is_no_address_is_refused(url, expect_refusal):
    with expect_refusal(UsageError, repr(url), "tls://host:8786"):
        Address(url).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1.2.3", "[::1]"])
def test_tcp_is_allowed_on_this_machine(host):
    assert is_allowed(Address(f"tcp://{host}:8786"))


@pytest.mark.parametrize("host", ["10.0.0.5", "example.org", "localhost.example.org", "0.0.0.0"])
def test_tcp_to_another_machine_must_be_asked_for(host, expect_refusal):
    with expect_refusal(UsageError, "in the open", hint="insecure=True"):
        Address(f"tcp://{host}:8786").check()
    assert is_allowed(Address(f"tcp://{host}:8786", insecure=True))


@pytest.mark.parametrize("missing", ["ca", "cert", "key"])
def test_tls_needs_all_three_files(missing, tmp_path, expect_refusal):
    files = {name: tmp_path / name for name in ("ca", "cert", "key")}
    for path in files.values():
        path.touch()
    assert is_allowed(Address("tls://host:8786", **files))
    with expect_refusal(UsageError, f"tls_{missing}=", "none"):
        Address("tls://host:8786", **{**files, missing: None}).check()
    files[missing].unlink()
    with expect_refusal(UsageError, f"tls_{missing}=", files[missing]):
        Address("tls://host:8786", **files, insecure=True).check()


@pytest.mark.slow
def test_files_that_are_no_certificates_are_told(tmp_path):
    files = {name: tmp_path / name for name in ("ca", "cert", "key")}
    for path in files.values():
        path.write_text("nonsense")
    with (
        pytest.raises(ClusterError, match="certificate"),
        open_cluster(Address("tls://127.0.0.1:1", **files)),
    ):
        pass


@pytest.mark.process
def test_a_script_that_each_worker_would_run_again_is_told_to_mark_its_own_part(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import stockcast as sc\n"
        f"prices = [{str(SAMPLES / 'FB.csv')!r}, {str(SAMPLES / 'GOOG.csv')!r}]\n"
        "for done in sc.train_many(prices, 'fast', 'models/', executor=sc.Executor(jobs=2)):\n"
        "    print(done)\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    *_, said, hint = done.stderr.strip().splitlines()
    assert said.startswith("stockcast.errors.ClusterError: no worker could be started")
    assert "below `if __name__ == '__main__':`, or give jobs=1" in hint
    assert done.stdout == ""
