"""Bodies of requests: JSON, forms and multipart with bracketed names all become the same nested values."""

import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.http.request import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from config.api.json_bodies import MAX_BYTES, BrokenBody, read_json

MAX_LEVELS = 8
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


class TooLarge(APIException):
    """The body is larger than is read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = format_lazy(
        gettext_lazy("The body is larger than {limit} MiB."), limit=MAX_BYTES // 1024 // 1024
    )


class LengthRequired(APIException):
    """A body in chunks without a length: what WSGI servers pass on cannot be told from no body at all."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = gettext_lazy("Send the header Content-Length: a body in chunks is not read.")


def _read(stream: IO[bytes]) -> bytes:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge
    return content


class JsonParser(BaseParser):
    """JSON, whose outermost value must be an object. No body at all is an empty object.

    So are `[]`, which PHP's clients send where there is nothing to say (Laravel's own with every bare `post`), and `null`.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        """Return the object; raises ParseError."""
        content = _read(stream)
        if not content.strip():
            return {}
        try:
            value = read_json(content)
        except BrokenBody as error:
            raise ParseError(str(error)) from error
        if value is None or value == []:
            return {}
        if not isinstance(value, dict):
            raise ParseError(_("The body must be a JSON object."))
        return value


class FormParser(BaseParser):
    """A form with names such as `address_info[city]`."""

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        """Return the nested values; raises ParseError."""
        try:
            fields = QueryDict(_read(stream), encoding="utf-8")
        except TooManyFieldsSent as error:
            raise _too_many_fields() from error
        return nested((name, value) for name, values in fields.lists() for value in values)


class MultiPartParser(BaseParser):
    """Multipart with the same names, and files among the values."""

    media_type = "multipart/form-data"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        """Return the nested values, files as Django's UploadedFile; raises ParseError."""
        request = parser_context["request"]
        meta = request.META.copy()
        meta["CONTENT_TYPE"] = media_type
        try:
            if int(meta.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
                raise TooLarge
            parser = DjangoMultiPartParser(
                meta,
                stream,  # type: ignore[arg-type]  # any file will do
                list(request.upload_handlers),
                "utf-8",
            )
            fields, files = parser.parse()
        except RequestDataTooBig as error:
            raise TooLarge from error
        except TooManyFieldsSent as error:
            raise _too_many_fields() from error
        except (MultiPartParserError, ValueError) as error:
            raise ParseError(
                _("The multipart body cannot be read: %(reason)s") % {"reason": error}
            ) from error
        request._request.uploads = files  # the view closes them: large ones are files on the disk
        pairs: list[tuple[str, Any]] = [(name, value) for name, values in fields.lists() for value in values]
        pairs += [(name, file) for name, found in files.lists() for file in found]
        return nested(pairs)


def _too_many_fields() -> ParseError:
    limit = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return ParseError(_("The form has more than %(limit)d fields. Send JSON instead.") % {"limit": limit})


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return what bracketed names mean: `a[b]=1` is {"a": {"b": "1"}}, `a[]=1` and `a[0]=1` are {"a": ["1"]}.

    Of a plain name that is there twice the last value counts. Raises ParseError for names that contradict each other or
    have more than MAX_LEVELS levels, and for text that is not UTF-8: Django has put U+FFFD where it was not.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        if "\ufffd" in name or (isinstance(value, str) and "\ufffd" in value):
            raise ParseError(_("The form is not UTF-8 (%(name)s).") % {"name": name[:100]})
        match = _NAME.fullmatch(name)
        path = [match[1], *_PART.findall(match[2])] if match else [name]
        if len(path) > MAX_LEVELS:
            raise ParseError(_("The name %(name)s has too many levels.") % {"name": name[:100]})
        place = root
        for part in path[:-1]:
            inner = place.setdefault(_key(place, part), {})
            if not isinstance(inner, dict):
                raise ParseError(_("The name %(name)s contradicts another one.") % {"name": name[:100]})
            place = inner
        last = _key(place, path[-1])
        if isinstance(place.get(last), dict):
            raise ParseError(_("The name %(name)s contradicts another one.") % {"name": name[:100]})
        place[last] = value
    return {key: _listed(value) for key, value in root.items()}


def _key(place: Mapping[str, Any], part: str) -> str:
    """Return the key that a part names; an empty one is the next number."""
    if part:
        return part
    return str(max((int(key) for key in place if key.isdecimal() and len(key) < 10), default=-1) + 1)


def _listed(value: Any) -> Any:
    """Turn objects whose keys are the numbers from 0 into lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    if inner and all(key == str(index) for index, key in enumerate(inner)):
        return list(inner.values())
    if inner and sorted(inner, key=lambda key: (len(key), key)) == [
        str(index) for index in range(len(inner))
    ]:
        return [inner[str(index)] for index in range(len(inner))]
    return inner
