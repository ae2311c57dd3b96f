"""Canonical N-Quads of JSON-LD documents: what a Data Integrity proof is made over."""

import json
import re
import secrets
import threading
from pathlib import Path
from typing import Any

from cachetools import LRUCache
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from badges.credentials.exceptions import NotCanonical, gettext_noop
from badges.credentials.values import Document

_FOLDER = Path(__file__).parent / "contexts"
_FILES: dict[str, str] = json.loads((_FOLDER / "index.json").read_text())
CONTEXTS: dict[str, Document] = {
    url: json.loads((_FOLDER / name).read_text(encoding="utf-8")) for url, name in _FILES.items()
}
"""The contexts that are known, by their address. Nothing is ever fetched."""

# RDFC-1.0 escapes these characters and URDNA2015, which PyLD and 1EdTech's validator have, does not: no
# signature over them verifies everywhere. Lone surrogates have no UTF-8.
UNSIGNABLE_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# RFC 3987: no spaces, no quotation marks, one fragment at most, brackets around IPv6 hosts only. Stricter
# implementations drop the whole statement otherwise.
_IRI_PART = r"[^\x00-\x20\x7f-\x9f<>\"{}|^`\\%#\[\]\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff\ud800-\udfff]*"
_IRI_TEXT = rf"{_IRI_PART}(?:%[0-9A-Fa-f]{{2}}{_IRI_PART})*"
ABSOLUTE_IRI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?!$)(?://\[[0-9A-Fa-f:.]+\](?=[:/?#]|$))?{_IRI_TEXT}(?:#{_IRI_TEXT})?"
)

# Relative references resolve to this, and so are found. Drawn anew by each process, so that no document can
# have it.
_BASE = f"https://{secrets.token_hex(16)}.invalid/"

# Blank nodes that look alike are told apart by trying all orders. A credential needs a handful of steps, a
# poisoned one more than there is time.
_MAX_STEPS = 2_000

# PyLD compares like parts in pairs. Beyond this a stranger's document costs seconds; ours have a hundred.
_MAX_PARTS = 5_000

_LEAST_NUMBER = 1e-6
_FIRST_INEXACT_NUMBER = 2**53


def canonicalise(document: Document) -> str:
    """Return the canonical N-Quads of a JSON-LD document.

    The algorithm is URDNA2015, which equals RDFC-1.0 for what is let through.

    Raises NotCanonical for a document of which something would silently be left out of what is signed: an
    undefined term, a relative or broken IRI, a context that is not in CONTEXTS or is written out in the
    document, and for characters that implementations escape differently; also for a document that takes too
    many steps.
    """
    processor = JsonLdProcessor(on_property_dropped=_refuse_property)
    options = {"base": _BASE, "documentLoader": _load, "contextResolver": _RESOLVER}
    try:
        if _checked_parts(document) > _MAX_PARTS:
            raise NotCanonical(f"The document has more than {_MAX_PARTS} parts.")
        with _LOCK:
            expanded = processor.expand(document, options)
        _check_expanded(expanded)
        dataset = processor.to_rdf(expanded, options)
    except JsonLdError as error:
        raise NotCanonical(f"This is not sound JSON-LD: {_innermost(error)}.") from error
    except RecursionError as error:
        raise NotCanonical(gettext_noop("The document is nested too deeply.")) from error
    return str(_BoundedCanonicalisation().main(dataset, {"format": "application/n-quads"}))


class _BoundedCanonicalisation(URDNA2015):  # type: ignore[misc]  # PyLD has no types
    """URDNA2015 that gives up on poisoned documents instead of running for days."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def hash_n_degree_quads(self, id_: str, issuer: object) -> object:
        """Count the steps of the part that can explode. Raises NotCanonical after too many."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise NotCanonical(
                gettext_noop("The document has too many parts that look alike to be told apart.")
            )
        return super().hash_n_degree_quads(id_, issuer)


def _load(url: str, _options: object = None) -> Document:
    if url not in CONTEXTS:
        raise NotCanonical(f"The context {url!r} is not known here.")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": CONTEXTS[url],
    }


# Shared by all calls: contexts are processed once per process, which makes the generic way three times as
# fast.
_RESOLVER = ContextResolver(LRUCache(maxsize=len(CONTEXTS)), _load)


# PyLD keeps the processed contexts in caches that threads must not touch at once.
_LOCK = threading.Lock()


def _checked_parts(value: object) -> int:
    """Return how many values a document has. Raises NotCanonical for what is not sound JSON."""
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise NotCanonical(f"The name {name!r} is not text.")
        if "@context" in value:
            _check_contexts(value["@context"])
        return 1 + sum(_checked_parts(part) for name, part in value.items() if name != "@context")
    if isinstance(value, list):
        return 1 + sum(_checked_parts(part) for part in value)
    if isinstance(value, int | float):
        _check_number(value)
    elif value is not None and not isinstance(value, str):
        raise NotCanonical(f"{value!r} is not JSON.")
    return 1


def _check_contexts(contexts: object) -> None:
    for context in contexts if isinstance(contexts, list) else [contexts]:
        if not isinstance(context, str):
            raise NotCanonical(gettext_noop("Contexts must be given by their addresses."))
        if context not in CONTEXTS:
            raise NotCanonical(f"The context {context!r} is not known here.")


def _check_number(number: float) -> None:
    # Outside of this, Python and JavaScript write a number in different ways.
    if not (number == 0 or _LEAST_NUMBER <= abs(number) < _FIRST_INEXACT_NUMBER):
        raise NotCanonical(f"The number {number!r} is too large or too small to be signed.")


def _refuse_property(name: str | None) -> None:
    raise NotCanonical(f"The contexts of the document do not define the term {name!r}.")


def _check_expanded(expanded: Any) -> None:
    if isinstance(expanded, list):
        for item in expanded:
            _check_expanded(item)
    elif isinstance(expanded, dict):
        for name, value in expanded.items():
            if name == "@value":
                _check_text(value)
            elif name in ("@id", "@type") and "@value" not in expanded:
                for iri in value if isinstance(value, list) else [value]:
                    _check_iri(iri)
            elif name == "@type":
                continue
            else:
                _check_expanded(value)


def _check_text(value: object) -> None:
    if isinstance(value, str) and (found := UNSIGNABLE_CHARACTERS.search(value)):
        raise NotCanonical(f"A text contains the character U+{ord(found[0]):04X}, which cannot be signed.")


def _check_iri(iri: str) -> None:
    if iri.startswith("_:"):
        return
    if iri.startswith(_BASE):
        raise NotCanonical(
            f"{iri.removeprefix(_BASE)[:100]!r} is not a defined term and not an absolute IRI."
        )
    if not ABSOLUTE_IRI.fullmatch(iri):
        raise NotCanonical(f"{iri[:100]!r} is not an absolute IRI.")


def _innermost(error: BaseException) -> str:
    while isinstance(error.__cause__, JsonLdError):
        error = error.__cause__
    return str(error.args[0]).rstrip(".")
