"""What the OpenAPI document says of the BadgeKit API."""

from typing import Any

from config.api.openapi import document


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return the operations of the BadgeKit API by path and method."""
    return {
        (path, method): operation
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if path.startswith("/systems")
    }


def test_every_operation_says_what_it_does_under_a_name_of_its_own() -> None:
    found = operations()

    assert len(found) > 60
    assert len({operation["operationId"] for operation in found.values()}) == len(found)
    assert [place for place, operation in found.items() if not operation["summary"]] == []


def test_all_operations_need_a_token() -> None:
    assert {str(operation["security"]) for operation in operations().values()} >= {
        "[{'badgekitToken': []}, {'apiKey': []}]"
    }
    assert [place for place, operation in operations().items() if {} in operation["security"]] == []


def test_unknown_addresses_are_none_of_the_operations() -> None:
    assert [path for path, _method in operations() if "rest" in path] == []
