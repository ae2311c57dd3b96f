"""The log of the web server: requests without anything that could be a token, a code or an address."""

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from config.masking import loggable_path


class AccessLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's log: a request is its method, masked path, status and milliseconds; no query, no client."""

    def atoms(
        self,
        resp: Any,
        req: Any,  # noqa: ARG002 - gunicorn's signature
        environ: dict[str, Any],
        request_time: timedelta,
    ) -> dict[str, Any]:
        """Return the parts that `access_log_format` of config/gunicorn.py may use."""
        path = (
            environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        )  # WSGI's way with bytes
        return {
            "method": environ.get("REQUEST_METHOD", "-"),
            "path": loggable_path(path),
            "status": str(resp.status).split(None, 1)[0],
            "milliseconds": round(request_time / timedelta(milliseconds=1)),
        }

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log an exception; where gunicorn adds the address of the request, it is masked."""
        if msg.startswith("Error handling request"):
            args = tuple(
                loggable_path(argument.partition("?")[0]) if str(argument).startswith("/") else argument
                for argument in args
            )
        super().exception(msg, *args, **kwargs)
