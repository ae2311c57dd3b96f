"""A BadgeKit client for tests: signs each call as the API's clients do, and says what came back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.test import Client

from organizations.models import BadgekitConsumer, System
from organizations.services.access import create_badgekit_consumer


def base64url(content: bytes) -> str:
    """Return unpadded base64url, as in a JWS."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(claims: dict[str, Any], secret: str, **header: Any) -> str:
    """Return the header Authorization for these claims."""
    head = {"typ": "JWT", "alg": "HS256"} | header
    signed = f"{base64url(json.dumps(head).encode())}.{base64url(json.dumps(claims).encode())}"
    signature = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return f'JWT token="{signed}.{base64url(signature)}"'


def claims_for(method: str, path: str, body: bytes | None, *, key: str = "master") -> dict[str, Any]:
    """Return what a client signs: key, expiry in a minute, method, path with query, and the hash of the body."""
    claims: dict[str, Any] = {"key": key, "exp": int(time.time()) + 60, "method": method, "path": path}
    if body is not None:
        claims["body"] = {"alg": "sha256", "hash": hashlib.sha256(body).hexdigest()}
    return claims


@dataclass
class Answer:
    """An answer: its status, its body read as JSON (None where it is no JSON), its headers and its bytes."""

    status: int
    body: Any
    headers: dict[str, str]
    content: bytes


class BadgekitClient:
    """Calls the API in this process, signed with a key; `master` unless told."""

    def __init__(self, key: str = "master", secret: str | None = None, **headers: str) -> None:
        self.key = key
        self.secret = settings.BADGEKIT_MASTER_SECRET if secret is None else secret
        self.headers = headers
        self.client = Client(raise_request_exception=True)

    @classmethod
    def of(cls, system: System) -> BadgekitClient:
        """Return a client with a consumer's key of the system."""
        consumer, secret = create_badgekit_consumer(system=system, by=None)
        return cls(consumer.key, secret)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """GET."""
        return self.call("GET", path, headers=headers)

    def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """POST data as JSON; nothing where there is none."""
        return self.call("POST", path, _json(data), headers=headers)

    def put(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """PUT data as JSON."""
        return self.call("PUT", path, _json(data), headers=headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """DELETE without a body."""
        return self.call("DELETE", path, headers=headers)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        content_type: str = "application/json",
        is_raw: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send bytes, signed. `path` is percent-encoded; with `is_raw` the server is told it so, as gunicorn tells it."""
        authorization = token(claims_for(method, path, body, key=self.key), self.secret)
        extra: dict[str, Any] = {"headers": {"Authorization": authorization} | self.headers | (headers or {})}
        if is_raw:
            extra["RAW_URI"] = path
        if path.startswith("//"):  # which Django's client takes for a host, and servers do not
            extra["PATH_INFO"] = path
        response = self.client.generic(
            method, path, body or b"", content_type=content_type if body else "", **extra
        )
        content = bytes(response.content)
        is_json = response.headers["Content-Type"] == "application/json" and content != b""
        return Answer(
            response.status_code, json.loads(content) if is_json else None, dict(response.headers), content
        )


def segment(text: str) -> str:
    """Return a text as one part of a path, as encodeURIComponent makes it."""
    return quote(text, safe="!~*'()")


def revoked(consumer: BadgekitConsumer) -> None:
    """Close a consumer."""
    consumer.revoked_at = consumer.created_at
    consumer.save()


def _json(data: Any) -> bytes | None:
    return None if data is None else json.dumps(data).encode()
