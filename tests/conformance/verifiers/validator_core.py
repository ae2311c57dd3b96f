"""Judges Open Badges 2.0 by 1EdTech's validator-core; runs in the environment that install.py made for it.

Inputs are addresses of hosted assertions, or files: .json (a hosted assertion), .jws, .png, .svg. Prints one
JSON line for each. Loopback is open, the Open Badges context comes out of the validator itself, everything
else is refused: exit 3.
"""

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from openbadges import verify  # type: ignore[import-not-found]
from openbadges.verifier.openbadges_context import (  # type: ignore[import-not-found]
    OPENBADGES_CONTEXT_V2_DICT,
)
from openbadges_bakery import unbake  # type: ignore[import-not-found]
from requests.adapters import HTTPAdapter

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
CARRIED = {
    "https://w3id.org/openbadges/v2": json.dumps(OPENBADGES_CONTEXT_V2_DICT).encode(),
    # Asked for about JSON that names no context, such as the answer 404 for a key that is no longer trusted.
    "https://w3id.org/openbadges/v1": b'{"@context": {}}',
}


class Loopback(HTTPAdapter):
    """The only way out for every session of the validator; remembers what was gone (410) or foreign."""

    trusted: str | bool = True
    gone: list[str] = []
    foreign: list[str] = []

    def send(self, request: requests.PreparedRequest, *_: object, **options: Any) -> requests.Response:
        """The answer of a server on this machine. Raises ConnectionError for any other address."""
        url = str(request.url)
        if url in CARRIED:
            return carried(request, CARRIED[url])
        if urlsplit(url).hostname not in LOOPBACK:
            self.foreign.append(url)
            raise requests.ConnectionError(f"refused: {url} is not on this machine")
        response = super().send(request, **{**options, "verify": self.trusted, "proxies": {}})
        if response.status_code == HTTPStatus.GONE:
            self.gone.append(url)
        return response


def carried(request: requests.PreparedRequest, body: bytes) -> requests.Response:
    """An answer with a document that the validator itself carries."""
    response = requests.Response()
    response.request, response.url, response.status_code = request, str(request.url), HTTPStatus.OK
    response._content = body  # requests offers no other way to make an answer
    response.headers["Content-Type"] = "application/ld+json"
    response.encoding = "utf-8"
    return response


def get_adapter(_: requests.Session, url: str) -> HTTPAdapter:
    """Stands in for Session.get_adapter: no session of any library finds another way out."""
    return Loopback()


def subject_of(name: str) -> str:
    """What the validator is to look at: an address, the text of a file, or what a picture has baked in."""
    if re.match(r"https?://", name):
        return name
    path = Path(name)
    if path.suffix not in {".png", ".svg"}:
        return path.read_text(encoding="utf-8").strip()
    with path.open("rb") as picture:
        # Given a picture, it refuses every SVG on Python 3: its bakery answers bytes, and it wants text.
        content = unbake(picture)
    return content.decode() if isinstance(content, bytes) else content or ""


def judgement(name: str, recipient: str | None) -> dict[str, object]:
    """The facts of the verdict about one input."""
    Loopback.gone.clear()
    try:
        content = subject_of(name)
    except OSError:
        raise  # the instrument's fault: no such file
    except Exception as error:
        return {"verified": False, "why": f"cannot be unbaked: {type(error).__name__}: {error}"}
    if not content:
        return {"verified": False, "why": "nothing is baked in"}
    profile = {"email": recipient} if recipient else None
    report: Mapping[str, Any] = verify(
        content, recipient_profile=profile, use_cache=False, cache_backend=None
    )["report"]
    why = " | ".join(f"{message.get('name')}: {message['result']}" for message in report["messages"])
    revoked = bool(Loopback.gone) or "has been revoked" in why
    expired = "expired on" in why or "expiration is prior" in why
    return {
        "verified": report["valid"],
        "revoked": False if report["valid"] else revoked or None,
        "expired": False if report["valid"] else expired or None,
        "why": why,
    }


def main(arguments: list[str]) -> int:
    """Judge every input; exit 3 if the validator wanted an address outside this machine."""
    parser = argparse.ArgumentParser(description="Judge Open Badges 2.0 by 1EdTech's validator-core.")
    parser.add_argument("--recipient", help="the e-mail address that the badge must be for")
    parser.add_argument(
        "--trust", default=os.environ.get("SSL_CERT_FILE"), help="PEM file of the authority to trust"
    )
    parser.add_argument("inputs", nargs="*")
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    requests.Session.get_adapter = get_adapter  # type: ignore[method-assign,assignment]
    Loopback.trusted = asked.trust or True
    for name in asked.inputs:
        unknown = {
            "input": name,
            "verified": False,
            "revoked": None,
            "expired": None,
            "schema_valid": None,
            "why": "",
        }
        with redirect_stdout(sys.stderr):
            facts = judgement(name, asked.recipient)
        sys.stdout.write(json.dumps(unknown | facts) + "\n")
    if Loopback.foreign:
        addresses = ", ".join(sorted(set(Loopback.foreign)))
        sys.stderr.write(f"validator-core asked for addresses outside this machine: {addresses}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
