"""Canonical N-Quads by the code of others: PyLD without our guards, and Oxigraph, which is no kin of it."""

import json
from typing import Any

import pyoxigraph
from pyld import jsonld

from badges.credentials.canonical import CONTEXTS


def pyld_opinion(document: dict[str, Any]) -> str:
    """Return URDNA2015 as PyLD makes it when it is used as its documentation says."""
    return str(
        jsonld.normalize(
            document, {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
        )
    )


def oxigraph_opinion(document: dict[str, Any]) -> str:
    """Return RDFC-1.0 as Oxigraph makes it. It loads nothing, so the contexts are written out."""
    dataset = pyoxigraph.Dataset(
        pyoxigraph.parse(input=json.dumps(_written_out(document)), format=pyoxigraph.RdfFormat.JSON_LD)
    )
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    serialized = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
    # Not splitlines: it also splits at U+2028 and U+0085, which may stand in literals.
    lines = (serialized or b"").decode().split("\n")[:-1]
    return "".join(f"{line}\n" for line in sorted(lines))


def _load(url: str, _options: object) -> dict[str, Any]:
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": CONTEXTS[url],
    }


def _written_out(value: Any) -> Any:
    if isinstance(value, list):
        return [_written_out(part) for part in value]
    if isinstance(value, dict):
        return {
            name: [CONTEXTS[url]["@context"] for url in ([part] if isinstance(part, str) else part)]
            if name == "@context"
            else _written_out(part)
            for name, part in value.items()
        }
    return value
