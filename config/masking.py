"""What may be logged of a request: its path, with all masked that could be a token, code or address."""

import logging
import re
from uuid import UUID

from django.http import HttpRequest
from django.urls import Resolver404, resolve

MASK = "*"
TOKEN_PATH = re.compile(r"^(/api/v2/[A-Za-z]{1,20}/).+", re.DOTALL)


def loggable_path(path: str) -> str:
    """Return the path with every captured part masked that is no UUID, number or slug by its name.

    What matches no address may hold anything, a mistyped code for example: only its first segment stays.
    Below /api/v2/NAME/ everything is masked, as those paths carry tokens.
    """
    if below_name := TOKEN_PATH.match(path):
        return below_name[1] + MASK
    if path == "/":
        return path
    try:
        match = resolve(path)
    except Resolver404:
        return first_segment(path) + MASK
    if match.args:
        return match.route
    masked = path
    for name, value in match.kwargs.items():
        if value in ("", None) or isinstance(value, UUID | int) or "slug" in name:
            continue
        if str(value) not in masked:  # a converter made something else of it
            return first_segment(path) + MASK
        masked = masked.replace(str(value), MASK)
    return masked


def first_segment(path: str) -> str:
    """Return the path up to its second slash where that is a plain word, else a slash alone."""
    first = re.match(r"/[a-z]{1,20}/", path)
    return first[0] if first else "/"


class MaskedPaths(logging.Filter):
    """Masks the path of the request in what Django itself logs, such as `Not Found: /claim/CODE`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's arguments; every record is kept."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            known = {request.path, request.path_info, request.get_full_path()}
            record.args = tuple(
                loggable_path(request.path_info)
                if isinstance(argument, str) and argument in known
                else argument
                for argument in record.args
            )
        return True
