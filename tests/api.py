"""A client of the issuer API for tests: sends as programs do, checks what is true of every answer."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from rest_framework import serializers

from config.api.issuer.fields import FlagField

BASE = "/api/v1/issuers/organization"
RESPONSES = Path(__file__).resolve().parent / "responses"
SEEDS = Path(__file__).resolve().parent / "seeds"
# What differs from run to run, and what stands for it in golden files.
MOMENTS = {
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"): "2024-01-01T00:00:00.000000Z",
    re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"): "2024-01-01 00:00:00",
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UPLOAD = re.compile(r"\b[0-9A-Za-z]{40}(?=[._])")


@dataclass
class Api:
    """Calls with an API key; paths are below BASE unless they begin with /api."""

    key: str | None
    client: Client = field(default_factory=Client)

    def get(self, path: str = "", query: dict[str, Any] | None = None, **headers: str) -> Any:
        """GET with a query."""
        return self._checked(self.client.get(self._url(path), query or {}, headers=self._headers(headers)))

    def post(self, path: str = "", body: Any = None, **headers: str) -> Any:
        """POST a JSON body."""
        return self.send("POST", path, body, **headers)

    def put(self, path: str = "", body: Any = None, **headers: str) -> Any:
        """PUT a JSON body."""
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str = "", body: Any = None, **headers: str) -> Any:
        """PATCH a JSON body."""
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str = "", **headers: str) -> Any:
        """DELETE without a body."""
        return self._checked(self.client.delete(self._url(path), headers=self._headers(headers)))

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        """Send a JSON body, None for none at all."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.raw(method, path, content, "application/json", **headers)

    def form(self, method: str, path: str, body: dict[str, Any], **headers: str) -> Any:
        """Send a multipart body with bracketed names; files are files."""
        content = encode_multipart(BOUNDARY, body)
        return self.raw(method, path, content, MULTIPART_CONTENT, **headers)

    def raw(self, method: str, path: str, content: bytes, content_type: str, **headers: str) -> Any:
        """Send bytes as they are."""
        response = self.client.generic(
            method, self._url(path), content, content_type, headers=self._headers(headers)
        )
        return self._checked(response)

    def _url(self, path: str) -> str:
        return path if path.startswith("/api") else f"{BASE}{path}"

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        authorization = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return (
            {"Accept": "application/json"}
            | authorization
            | {name.replace("_", "-"): value for name, value in more.items()}
        )

    def _checked(self, response: HttpResponseBase) -> HttpResponseBase:
        """Errors are JSON with a message, and nothing is a server error."""
        assert response.status_code < 500 or response.status_code == 503, response
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/json", response
            assert json.loads(response.content)["message"]  # type: ignore[attr-defined]
        return response


def assert_has_shape(body: Any, shape: type[serializers.Serializer[Any]], path: str = "") -> None:
    """Assert that an object has the shape's keys in their order, its types, and null only where the shape allows it."""
    fields = shape().fields
    assert list(body) == list(fields), path
    for name, of_name in fields.items():
        _assert_fits(body[name], of_name, f"{path}.{name}".lstrip("."))


def _assert_fits(value: Any, shape: Any, path: str) -> None:
    if value is None:
        assert shape.allow_null, f"{path} is null"
    elif isinstance(shape, serializers.ListSerializer | serializers.ListField):
        assert isinstance(value, list), path
        for index, item in enumerate(value):
            _assert_fits(item, shape.child, f"{path}.{index}")
    elif isinstance(shape, serializers.Serializer):
        assert_has_shape(value, type(shape), path)
    elif isinstance(shape, serializers.DictField):
        assert isinstance(value, dict), path
    elif isinstance(shape, FlagField):
        assert type(value) is int, path
        assert value in {0, 1}, path
    elif isinstance(shape, serializers.BooleanField):
        assert isinstance(value, bool), path
    elif isinstance(shape, serializers.IntegerField):
        assert type(value) is int, path
    elif isinstance(shape, serializers.ChoiceField):
        assert value in shape.choices, path
    elif isinstance(shape, serializers.UUIDField):
        assert UUID.fullmatch(value), path
    elif isinstance(shape, serializers.CharField):
        assert isinstance(value, str), path


def assert_as_in_seed(body: Any, example: Any, path: str = "") -> None:
    """Assert that an answer has every key of a seed's example, in its order, with values of the same types.

    Keys of ours may stand between them and after them. Where one of both is null nothing is said of the type; of a list the
    first items are compared.
    """
    if isinstance(example, dict):
        assert isinstance(body, dict), path
        assert [key for key in body if key in example] == list(example), path
        for key, value in example.items():
            assert_as_in_seed(body[key], value, f"{path}.{key}".lstrip("."))
    elif isinstance(example, list):
        assert isinstance(body, list), path
        if body and example:
            assert_as_in_seed(body[0], example[0], f"{path}.0")
    elif example is not None and body is not None:
        assert type(body) is type(example), path
        if isinstance(example, str):
            for moment in MOMENTS:
                assert bool(moment.fullmatch(body)) == bool(moment.fullmatch(example)), path


def seed(name: str) -> Any:
    """Return an example of a seed: tests/seeds/<name>.json."""
    return json.loads((SEEDS / f"{name}.json").read_text())


def golden(name: str, body: Any) -> None:
    """Assert that an answer is the one in tests/responses/<name>.json, byte by byte but for ids, moments and file names.

    Ids are numbered in the order in which they come, so which id stands where is compared too. With REWRITE_RESPONSES=1
    in the environment the file is written instead; what changed is then seen in review.
    """
    text = normalised(body)
    path = RESPONSES / f"{name}.json"
    if os.environ.get("REWRITE_RESPONSES") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"{path.name} is another one: see the difference, or rewrite it"


def normalised(body: Any) -> str:
    """Return an answer as text, with what differs from run to run replaced."""
    text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    for pattern, instead in MOMENTS.items():
        text = pattern.sub(instead, text)
    text = UUID.sub(_numbered("00000000-0000-4000-8000-{:012d}"), text)
    return UPLOAD.sub(_numbered("{:040d}"), text)


def _numbered(form: str) -> Callable[[re.Match[str]], str]:
    known: dict[str, int] = {}
    return lambda match: form.format(known.setdefault(match[0], len(known) + 1))
