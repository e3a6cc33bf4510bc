"""TensorFlow, imported quietly and set up once, before its first operation."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from stockcast.imports import hide_modules


@contextmanager
def silence_descriptor(descriptor: int = 2) -> Iterator[None]:
    """Keep native code from writing to a file descriptor; what it wrote is shown on an error.

    TensorFlow's C++ writes to descriptor 2 before its log level is read, so that no setting
    silences it and Python's `sys.stderr` never sees it.
    """
    try:
        saved = os.dup(descriptor)
    except OSError:  # closed before we were started: nothing to silence
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), descriptor)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(saved, descriptor)
            os.close(saved)
            if failed:
                file.seek(0)
                os.write(descriptor, file.read())


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with silence_descriptor(), hide_modules("matplotlib", "sklearn"):
    import keras
    import tensorflow as tf

    HAS_GPU = bool(tf.config.list_physical_devices("GPU"))

# One thread an operation, and as many operations at once as there are cores: the products are
# too small to share, and a sum that one thread makes has the same bits in every run.
with contextlib.suppress(RuntimeError):  # already running: the caller's settings hold
    tf.config.threading.set_intra_op_parallelism_threads(1)
    # A fleet's processes share the cores; each gets so many as are its own.
    tf.config.threading.set_inter_op_parallelism_threads(
        int(os.environ.get("STOCKCAST_THREADS", "0"))
    )
tf.config.experimental.enable_op_determinism()

__all__ = ["HAS_GPU", "keras", "tf"]
