"""What the OpenAPI document says of every route of the token API: how it answers, and how its body is sent. A leaf."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse

UNREADABLE = {
    400: "The body is no JSON object.",
    413: "The body is larger than is read.",
    415: "The body is not `application/json`.",
}


def answers(shape: Any, *, has_body: bool) -> dict[int, OpenApiResponse]:
    """Return the answers by status: 200 for all that is about what was asked, others for bodies that cannot be read."""
    found = {200: OpenApiResponse(shape, description="Success, or a refusal by its result code.")}
    if has_body:
        found |= {status: OpenApiResponse(shape, description=text) for status, text in UNREADABLE.items()}
    return found


def sent(shape: Any) -> Any:
    """Return the body of a request, JSON alone; None where there is none."""
    return None if shape is None else {"application/json": shape}
