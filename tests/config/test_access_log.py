"""The web server's log: what a line has of a request, and what it must never have."""

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from config.access_log import AccessLogger


@pytest.fixture
def written() -> Iterator[tuple[AccessLogger, io.StringIO]]:
    """A logger of gunicorn's kind, and what it writes of errors."""
    configuration = Config()
    configuration.set("errorlog", "-")
    logger = AccessLogger(configuration)
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logger.error_log.addHandler(handler)
    yield logger, text
    logger.error_log.removeHandler(handler)


def test_request_is_method_masked_path_status_and_milliseconds(
    written: tuple[AccessLogger, io.StringIO],
) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v2/client/SECRET",
        "QUERY_STRING": "token=SECRET",
        "REMOTE_ADDR": "192.0.2.7",
    }

    parts = written[0].atoms(
        SimpleNamespace(status="404 Not Found"), None, environ, timedelta(milliseconds=12.4)
    )

    assert parts == {"method": "POST", "path": "/api/v2/client/*", "status": "404", "milliseconds": 12}


def test_exception_of_a_request_has_no_secret_of_its_address(
    written: tuple[AccessLogger, io.StringIO],
) -> None:
    logger, text = written

    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("Error handling request %s", "/api/v2/client/SECRET?token=SECRET")
        logger.exception("Worker %s failed", "/SECRET-looking but not of a request")

    assert "Error handling request /api/v2/client/*\n" in text.getvalue()
    assert "ValueError: broken" in text.getvalue()
    assert "client/SECRET" not in text.getvalue()
    assert "token" not in text.getvalue()
