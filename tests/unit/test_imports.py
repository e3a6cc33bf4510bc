"""Libraries that bring or say more than is needed."""

import logging

from stockcast.imports import quiet_log


def test_a_quiet_log_tells_errors_alone_and_only_meanwhile(caplog):
    log = logging.getLogger("some.library")
    with quiet_log("some"):
        log.warning("no place for a cache")
        log.error("no fonts")
    log.warning("afterwards")
    assert caplog.messages == ["no fonts", "afterwards"]


def test_a_log_is_as_it_was_after_an_import_that_fails():
    log = logging.getLogger("another")
    log.setLevel(logging.INFO)
    try:
        with quiet_log("another"):
            raise ImportError("another")
    except ImportError:
        pass
    assert log.level == logging.INFO
