"""How the OpenAPI document describes a route, whatever its API: names of operations, words about parts of paths. A leaf."""

import json
from typing import Any

from drf_spectacular.openapi import AutoSchema

from config.api.operation_names import operation_id

# What the parts of paths are, by their names in routes.
PATH_PARTS = {
    "uuid": "The badge's id.",
    "template_id": "The badge template's id.",
    "list_id": "The earners list's id.",
    "code_id": "The claim code's id, which is not the code itself.",
    "key_id": "The API key's id, which is not the key itself.",
    "user_id": "The member's id.",
    "transaction_id": "The credit transaction's id.",
    "system_slug": "The slug of the system.",
    "issuer_slug": "The slug of the issuer: an organization of the system.",
    "program_slug": "The slug of the program of that issuer.",
    "badge_slug": "The slug of the badge.",
    "code": "The claim code, percent-encoded; upper and lower case are the same.",
    "email": "An earner's address, percent-encoded.",
    "strToken": "The login token.",
    "outcomeCode": "The outcome code.",
    "strBadgeID": "The ID of the Badge object.",
}


# Stands for a route's own address in examples.
ADDRESS = "{address}"


class LaurelSchema(AutoSchema):
    """Describes a route: its name is read from the path, its description is what is said of it and no docstring of ours."""

    def get_operation_id(self) -> str:
        """Return the operation's name, where none is given by hand."""
        return operation_id(self.method, self.path)

    def _get_examples(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the examples of a body, with the address of this route."""
        found = json.dumps(super()._get_examples(*args, **options))  # type: ignore[no-untyped-call]
        examples: dict[str, Any] = json.loads(
            found.replace(ADDRESS, f"https://badges.example.org{self.path}")
        )
        return examples

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        """Return the parts of the path, each with what it is."""
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in found:
            name = parameter["name"]
            parameter["description"] = PATH_PARTS.get(name, f"The {name.removesuffix('_id')}'s id.")
        return found
