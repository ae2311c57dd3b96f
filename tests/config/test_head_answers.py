"""Answers to HEAD: as to GET, without the body. Asked past Django's test client, which takes bodies away itself."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from config.head_answers import without_body_for_head


@pytest.mark.parametrize(
    "answer", [partial(HttpResponse, b"page"), partial(StreamingHttpResponse, [b"pa", b"ge"])]
)
def test_head_is_answered_without_a_body(answer: Callable[..., Any]) -> None:
    middleware = without_body_for_head(lambda _request: answer(headers={"Content-Length": "4"}))

    asked = {method: middleware(RequestFactory().generic(method, "/")) for method in ("GET", "HEAD")}

    assert [b"".join(one) for one in asked.values()] == [b"page", b""]
    assert asked["HEAD"]["Content-Length"] == "4"
