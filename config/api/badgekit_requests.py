"""What a BadgeKit client sends: its address as it was signed, and its body in any of three encodings, as one mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict

from config.api.badgekit_errors import ApiError, refused_field, validation_error
from config.api.json_bodies import BrokenBody, read_json

# Bytes of JSON or form. The JavaScript client sends a picture as a `data:` address inside its JSON, a third longer than
# the picture; multipart may be as long as DATA_UPLOAD_MAX_MEMORY_SIZE.
MAX_TEXT_BODY = (
    8 * 1024 * 1024
)  # bytes of JSON or form: a picture of 5 MiB as data URL, as the JavaScript client sends it
# Neither databases nor other people's software take these.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
BRACKETS = re.compile(r"([^\[\]]+)((?:\[[^\[\]]{0,100}\]){0,5})")


class BadgekitRequest:
    """A request of a BadgeKit client. Django's own is `http`.

    `target` is path and query as the client sent them, which is what its token signs. `is_body_trusted` is set once the
    token is known: where it signs no body (DELETE), what came as body is not looked at.
    """

    def __init__(self, http: HttpRequest) -> None:
        self.http = http
        self.method = http.method or ""
        self.is_body_trusted = True

    @cached_property
    def target(self) -> str:
        """Path and query, byte for byte where the server tells them (gunicorn does), else put together again."""
        raw = self.http.META.get("RAW_URI") or self.http.META.get("REQUEST_URI")
        if not raw:
            return self.http.get_full_path()
        if not raw.startswith("/"):  # the absolute form of RFC 9112 section 3.2.2
            parts = urlsplit(raw)
            raw = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return str(raw)

    @cached_property
    def segments(self) -> list[str] | None:
        """The decoded parts of the path, `a%2Fb` being one; None where the server does not tell the raw path."""
        if not (self.http.META.get("RAW_URI") or self.http.META.get("REQUEST_URI")):
            return None
        return [unquote(part) for part in self.target.partition("?")[0].split("/") if part]

    @property
    def query(self) -> QueryDict:
        """The parameters of the address."""
        return self.http.GET

    def first(self, name: str) -> str | None:
        """Return the first value of a parameter of the address; None where there is none."""
        values = self.query.getlist(name)
        return values[0] if values else None

    @cached_property
    def body(self) -> bytes:
        """The body as it came. Raises ApiError 411 without a length, 413 when too long."""
        if self.http.META.get("HTTP_TRANSFER_ENCODING"):
            # Such a body would be taken for an empty one.
            raise ApiError(411, "LengthRequiredError", "Send the body with a Content-Length.")
        length = int(self.http.META.get("CONTENT_LENGTH") or 0)
        if length > MAX_TEXT_BODY and self.http.content_type != "multipart/form-data":
            raise _too_large()
        try:
            return self.http.body
        except RequestDataTooBig as error:
            raise _too_large() from error
        except UnreadablePostError as error:
            raise ApiError(400, "InvalidContent", "The body ended before it was complete.") from error

    @cached_property
    def _parsed(self) -> tuple[Mapping[str, Any], MultiValueDict[str, UploadedFile[Any]]]:
        if not self.is_body_trusted or not self.body:
            return {}, MultiValueDict()
        content_type = self.http.content_type
        if content_type == "application/json":
            return _from_json(self.body), MultiValueDict()
        if content_type == "application/x-www-form-urlencoded":
            return _from_form(self.body), MultiValueDict()
        if content_type == "multipart/form-data":
            return self._from_multipart()
        raise ApiError(415, "UnsupportedMediaTypeError", content_type or "application/octet-stream")

    @property
    def data(self) -> Mapping[str, Any]:
        """What the body says; empty for an empty body.

        Raises ApiError: 400 InvalidContent for what cannot be read, 415 for other types, 400 ValidationError where the body
        is no object or holds characters that cannot be kept.
        """
        return self._parsed[0]

    @property
    def files(self) -> MultiValueDict[str, UploadedFile[Any]]:
        """The files of a multipart body."""
        return self._parsed[1]

    def _from_multipart(self) -> tuple[Mapping[str, Any], MultiValueDict[str, UploadedFile[Any]]]:
        try:
            fields, files = self.http.parse_file_upload(self.http.META, BytesIO(self.body))
            self.http._files = files  # type: ignore[attr-defined]  # which Django closes: large ones are files on the disk
            return _from_fields(fields), files
        except (MultiPartParserError, SuspiciousOperation, ValueError, LookupError) as error:
            raise ApiError(400, "InvalidContent", "Invalid multipart/form-data") from error


def _too_large() -> ApiError:
    return ApiError(413, "RequestEntityTooLarge", "The body is too large.")


def _from_json(body: bytes) -> Mapping[str, Any]:
    try:
        value = read_json(body)
    except BrokenBody as error:
        raise ApiError(400, "InvalidContent", f"Invalid JSON: {error}") from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise validation_error([refused_field("body", "The body is not an object")])
    # Only by an escape can they be there: UTF-8 has none, and a bare control character is no JSON.
    if b"\\u" in body:
        _check_storable(value)
    return value


def _from_form(body: bytes) -> Mapping[str, Any]:
    try:
        unquote_to_bytes(body).decode()  # other encodings would be read as characters that stand for none
        fields = QueryDict(body, encoding="utf-8")
    except (SuspiciousOperation, ValueError) as error:
        raise ApiError(400, "InvalidContent", "Invalid application/x-www-form-urlencoded") from error
    return _from_fields(fields)


def _from_fields(fields: QueryDict) -> Mapping[str, Any]:
    """Return the fields of a form. One that is repeated becomes a list; `a[]`, `a[0][b]` and `a[b]` become structures."""
    made: dict[str, Any] = {}
    for name in fields:
        values = [str(value) for value in fields.getlist(name)]
        match = BRACKETS.fullmatch(name)
        if match is None or not match[2]:
            if name in made:
                raise _contradiction(name)
            made[name] = values[0] if len(values) == 1 else values
            continue
        keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        for value in values:
            _put(made, keys, value)
    made = {name: _lists_of(value) for name, value in made.items()}
    _check_storable(made)
    return made


def _put(made: dict[str, Any], keys: list[str], value: str) -> None:
    """Put a value at its place among nested dicts; an empty key is the next number."""
    place = made
    for key in keys[:-1]:
        step = place.setdefault(key or str(len(place)), {})
        if not isinstance(step, dict):
            raise _contradiction(keys[0])
        place = step
    place[keys[-1] or str(len(place))] = value


def _contradiction(name: str) -> ApiError:
    return ApiError(400, "InvalidContent", f"The fields contradict each other: {name[:100]}")


def _lists_of(value: Any) -> Any:
    """Turn dicts whose keys are all numbers into lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    made = {key: _lists_of(inner) for key, inner in value.items()}
    if made and all(re.fullmatch(r"[0-9]{1,9}", key) for key in made):
        return [made[key] for key in sorted(made, key=int)]
    return made


def _check_storable(data: Mapping[str, Any]) -> None:
    refused = [
        refused_field(UNSTORABLE.sub("�", name), "Holds characters that cannot be kept")
        for name, value in data.items()
        if any(UNSTORABLE.search(text) for text in _texts(name, value))
    ]
    if refused:
        raise validation_error(refused)


def _texts(*values: Any) -> Iterable[str]:
    """Yield all texts in a value, keys too."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            yield from _texts(*value.values())
        elif isinstance(value, list):
            yield from _texts(*value)
