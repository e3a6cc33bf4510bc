"""Model files made to do harm: refused, quickly, in little memory, touching nothing."""

import gzip
import io
import json
import pickle
import struct
import subprocess
import sys
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from safetensors.numpy import save

from stockcast.errors import UntrustedModel
from stockcast.model.file import load_model
from tests.support import ROOT, SAMPLES, run_stockcast

# Loads each model that stdin names in a process of its own, and says what that took. The first load
# is of a real one: imports and lazy set-up are no part of the figures, and the audit hook watches
# only the others.
LOAD = r"""
import json, os, re, signal, sys, time
from stockcast.errors import StockcastError
from stockcast.model.file import load_model

load_model(sys.argv[1])
seen, watching, path = [], False, ""

def watch(event, arguments):
    if not watching:
        return
    if event == "open":
        opened, _, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) or str(opened) != path:
            seen.append(f"open {opened}")
    elif event.partition(".")[0] in (
        "socket", "subprocess", "ctypes", "pickle", "marshal", "shutil", "tempfile", "import",
    ) or event in (
        "import", "exec", "compile", "os.system", "os.exec", "os.fork", "os.remove", "os.rename",
        "os.mkdir", "os.chmod", "os.link", "os.truncate", "os.putenv",
    ):
        seen.append(f"{event} {arguments}")

def tell():
    global watching
    sys.addaudithook(watch)
    began, watching = time.monotonic(), True
    try:
        load_model(path)
        code, message = 0, ""
    except StockcastError as error:
        code, message = error.exit_code, str(error)
    watching = False
    # Not getrusage, which begins with what the parent needed.
    status = open("/proc/self/status").read()
    return {
        "code": code, "message": message, "seconds": time.monotonic() - began, "seen": seen,
        "megabytes": int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024,
    }

for line in sys.stdin:
    path = line.rstrip("\n")
    if os.fork() == 0:
        signal.alarm(120)
        print(json.dumps(tell()), flush=True)
        os._exit(0)
    if (status := os.wait()[1]) != 0:
        print(json.dumps({"died": status}), flush=True)
"""


class Dangerous:
    """What leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def pack(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def take_apart(content):
    (size,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def with_header(change):
    def make(content, folder):
        header, body = take_apart(content)
        return pack(change(header) or header, body)

    return make


def with_document(change):
    def alter(header):
        document = json.loads(header["__metadata__"]["stockcast"])
        header["__metadata__"]["stockcast"] = json.dumps(change(document) or document)

    return with_header(alter)


def with_text(change):
    def alter(header):
        header["__metadata__"]["stockcast"] = change(header["__metadata__"]["stockcast"])

    return with_header(alter)


def with_arrays(change):
    def make(content, folder):
        from safetensors.numpy import load

        header, _ = take_apart(content)
        arrays = load(content)
        change(arrays)
        return save(arrays, metadata=header["__metadata__"])

    return make


def make_keras_zip(config):
    """What Keras 3 writes: a zip of a JSON config that names classes, and of HDF5 weights."""

    def make(content, folder):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("config.json", json.dumps(config(folder)))
            archive.writestr("metadata.json", json.dumps({"keras_version": "3.11.0"}))
            archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
        return file.getvalue()

    return make


def configure_lambda(folder):
    import base64
    import marshal

    code = compile(f"open({str(folder / 'harm')!r}, 'w')", "x", "exec")
    layer = {
        "module": "keras.layers", "class_name": "Lambda",
        "config": {"function": {"class_name": "__lambda__", "config": {
            "code": base64.b64encode(marshal.dumps(code)).decode(), "defaults": None,
            "closure": None}}},
    }  # fmt: skip
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}}


def configure_import(folder):
    call = {"module": "os", "class_name": "function", "config": "system",
            "registered_name": "system"}  # fmt: skip
    return {"module": "subprocess", "class_name": "Popen", "config": {
        "args": ["touch", str(folder / "harm")]}, "build_config": call}  # fmt: skip


def write_array(name, value):
    def change(arrays):
        arrays[name] = arrays[name].copy()
        arrays[name].flat[0] = value

    return with_arrays(change)


def swap_type(kind):
    return with_arrays(
        lambda arrays: arrays.update({"head.bias": arrays["head.bias"].astype(kind)})
    )


def repeat_key(text):
    return text.replace('"format": 1', '"format": 1, "format": 1', 1)


def repeat_tensor(content, folder):
    header, body = take_apart(content)
    text = json.dumps(header)[:-1] + ', "head.bias": ' + json.dumps(header["head.bias"]) + "}"
    return pack(text.encode(), body)


def overlap(header):
    header["head.bias"]["data_offsets"] = header["head.kernel"]["data_offsets"]


def set_offsets(*offsets):
    return with_header(lambda header: header["head.bias"].update(data_offsets=list(offsets)))


def deepen(depth):
    return with_document(lambda document: document.update(skill=nest(depth)))


def nest(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


def enlarge(**fields):
    return with_document(lambda document: document["recipe"].update(fields))


HOSTILE = {
    "a .keras file with a Lambda": make_keras_zip(configure_lambda),
    "a .keras file that imports": make_keras_zip(configure_import),
    "an HDF5 file": lambda content, folder: b"\x89HDF\r\n\x1a\n" + bytes(4096),
    "a pickle": lambda content, folder: pickle.dumps(Dangerous(folder / "harm")),
    "a text pickle": lambda content, folder: pickle.dumps(Dangerous(folder / "harm"), 0),
    "a joblib file": lambda content, folder: gzip.compress(
        pickle.dumps(Dangerous(folder / "harm"))
    ),
    "a pickle behind a header": lambda content, folder: pack(
        pickle.dumps(Dangerous(folder / "harm"))
    ),
    "a header of 100 MB": lambda content, folder: pack(b" " * (100 << 20)),
    "a header of 100 MB of keys": lambda content, folder: pack(
        b'{"a":' * (20 << 20) + b"}" * (20 << 20)
    ),
    "a header of 2^63 bytes": lambda content, folder: struct.pack("<Q", 1 << 63) + content[8:],
    "a header that is cut": lambda content, folder: pack(content[8:200]),
    "tensors that overlap": with_header(overlap),
    "a tensor out of range": set_offsets(0, 1 << 60),
    "offsets that go backwards": set_offsets(8, 4),
    "offsets below zero": set_offsets(-4, 0),
    "offsets that overflow": set_offsets(2**64 - 4, 2**64),
    "a shape that overflows": with_header(
        lambda header: header["head.bias"].update(shape=[2**62, 2**62])
    ),
    "a tensor twice": repeat_tensor,
    "a key twice in our document": with_text(repeat_key),
    "an extra tensor": with_arrays(lambda arrays: arrays.update(extra=np.zeros(1, np.float32))),
    "a hidden path as a tensor": with_arrays(
        lambda arrays: arrays.update({"../../x": np.zeros(1, np.float32)})
    ),
    "a missing tensor": with_arrays(lambda arrays: arrays.pop("head.bias")),
    "a tensor of doubles": swap_type(np.float64),
    "a tensor of halves": swap_type(np.float16),
    "a tensor of whole numbers": swap_type(np.int32),
    "a weight that is NaN": write_array("layers.0.kernel", np.nan),
    "a weight that is infinite": write_array("layers.1.bias", -np.inf),
    "a billion units": enlarge(units=10**9),
    "the largest network": enlarge(units=4096, layers=64, horizon=1000),
    "a billion layers": enlarge(layers=10**9),
    "a window of 10^18": enlarge(window=10**18),
    "a number of 4,000 digits": enlarge(units=10**3999),
    "a million scores": with_document(lambda document: document.update(calibration_count=10**6)),
    "a document 900 deep": deepen(900),
    "a document 100,000 deep": with_text(lambda text: text[:-1] + ', "x": ' + "[" * 100_000),
    "a format of tomorrow": with_document(lambda document: document.update(format=2)),
    "no format": with_document(lambda document: document.pop("format") and None),
    "a document that is null": with_text(lambda text: "null"),
    "a ticker of a megabyte": with_document(lambda document: document.update(ticker="x" * 10**6)),
    "a class by name": with_document(lambda document: document.update(module="os")),
    "bytes behind it": lambda content, folder: content + b"\0",
    "another program's": lambda content, folder: save({"w": np.zeros(2, np.float32)}),
}


@contextmanager
def start_loader(model, code=LOAD):
    """Yield what loads a file in a process of its own and returns what that took."""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(model)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True, bufsize=1,
    ) as process:  # fmt: skip

        def load(path):
            process.stdin.write(f"{path}\n")
            return json.loads(process.stdout.readline())

        yield load
        process.stdin.close()


@pytest.fixture(scope="module")
def load_watched(small_model):
    with start_loader(small_model) as load:
        yield load


@pytest.mark.process
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_is_refused_in_little_memory_and_touches_nothing(
    name, small_model, load_watched, tmp_path
):
    path = tmp_path / "hostile.safetensors"
    content = HOSTILE[name](small_model.read_bytes(), tmp_path)
    path.write_bytes(content)
    took = load_watched(path)
    assert took.get("code") == 5, took
    assert str(path) in took["message"]
    assert len(took["message"]) < 1_000
    assert took["seen"] == []
    assert took["megabytes"] < 300
    assert took["seconds"] < 2
    assert [one.name for one in tmp_path.iterdir()] == ["hostile.safetensors"]
    assert path.read_bytes() == content


@pytest.mark.process
def test_the_watch_sees_what_it_is_to_see(small_model, load_watched, tmp_path):
    """A good model passes, and the hook does hear of files."""
    took = load_watched(small_model)
    assert (took["code"], took["seen"]) == (0, [])
    noisy = LOAD.replace("        load_model(path)", "        open(path + '.x', 'w').close()")
    path = tmp_path / "m"
    with start_loader(small_model, noisy) as load:
        assert load(path)["seen"] == [f"open {path}.x"]


def test_a_model_cut_at_every_kilobyte_is_refused(small_model, tmp_path):
    content = small_model.read_bytes()
    path = tmp_path / "cut.safetensors"
    lengths = range(0, len(content), 1024)
    assert len(lengths) >= 4
    for length in lengths:
        path.write_bytes(content[:length])
        with pytest.raises(UntrustedModel, match=r"cut\.safetensors"):
            load_model(path)


def test_a_format_of_tomorrow_is_refused_with_the_one_that_is_read(small_model, tmp_path):
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(HOSTILE["a format of tomorrow"](small_model.read_bytes(), tmp_path))
    with pytest.raises(UntrustedModel, match="model format 2, this version of stockcast reads 1"):
        load_model(path)


@pytest.mark.parametrize("command", ["predict", "show", "export", "inspect", "backtest"])
def test_every_command_that_reads_a_model_refuses_it_with_exit_5(command, tmp_path):
    path = tmp_path / "FB.safetensors"
    path.write_bytes(pickle.dumps(Dangerous(tmp_path / "harm")))
    before = sorted(tmp_path.iterdir())
    arguments = {
        "predict": ["predict", SAMPLES / "FB.csv", "-m", path],
        "show": ["show", path],
        "export": ["export", path, "--to", "npz", "-o", tmp_path / "out.npz"],
        "inspect": ["inspect", path, SAMPLES / "FB.csv"],
        "backtest": ["backtest", SAMPLES / "FB.csv", "--model", path],
    }[command]
    run = run_stockcast(*arguments)
    assert run.returncode == 5, run.stderr.decode()
    assert run.stdout == b""
    assert sorted(tmp_path.iterdir()) == before
