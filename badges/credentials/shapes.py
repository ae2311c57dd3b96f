"""Learned shapes: canonicalise one badge the generic way, then fill the next ones of its shape in."""

import re
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import pairwise
from operator import itemgetter
from typing import Any

from badges.credentials.canonical import ABSOLUTE_IRI, UNSIGNABLE_CHARACTERS, canonicalise
from badges.credentials.encoding import compact_json
from badges.credentials.values import Document

# Big parts that a whole run shares. They belong to the shape as their JSON text, not text by text.
_SHARED = ("issuer", "achievement")
# Values of these terms decide what other terms mean.
_DECISIVE = ("type", "@context", "proofPurpose")
# No context may define these as a prefix: then an IRI that begins with one stands for itself.
SCHEMES = ("https:", "http:", "urn:", "did:", "mailto:", "data:")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"'})

_TEXT, _OBJECT, _ARRAY = object(), object(), object()
_NONCE = secrets.token_hex(16)
_MARKER = re.compile(f"urn:{_NONCE}:([0-9]+)")
_QUAD = re.compile(
    r'(_:c14n\d+|<[^>]*>) (<[^>]*>) (_:c14n\d+|<[^>]*>|"(?:[^"\\]|\\.)*"(?:\^\^<[^>]*>|@[A-Za-z0-9-]+)?) \.'
)
_TERM = re.compile(r'([<"])((?:[^>"\\]|\\.)*)([>"].*)')

Shape = tuple[object, ...]


class OutOfShape(Exception):
    """A document has no shape that could be learned, or does not fit its shape."""


def survey(document: Mapping[str, Any]) -> tuple[Shape, list[str]]:
    """Return the shape of a document and the texts that stand in it, in order.

    Two documents of one shape differ in nothing but these texts. Raises OutOfShape for anything but plain
    JSON.
    """
    shape: list[object] = []
    texts: list[str] = []
    try:
        _survey(document, shape, texts)
    except (TypeError, ValueError, RecursionError) as error:
        raise OutOfShape("This is not plain JSON.") from error
    return tuple(shape), texts


def _survey(value: object, shape: list[object], texts: list[str]) -> None:
    kind = type(value)
    if kind is str:
        shape.append(_TEXT)
        texts.append(value)  # type: ignore[arg-type]  # `kind` is faster here than isinstance, and mypy cannot follow
    elif kind is dict:
        shape.append(_OBJECT)
        shape.append(len(value))  # type: ignore[arg-type]
        for name, part in value.items():  # type: ignore[attr-defined]
            shape.append(name)
            if name in _DECISIVE:
                shape.append(part if type(part) is str else (len(part), "\n".join(_array(part))))
            elif name in _SHARED or name[0:1] == "@":
                shape.append(compact_json(part))
            else:
                _survey(part, shape, texts)
    elif kind is list:
        shape.append(_ARRAY)
        shape.append(len(value))  # type: ignore[arg-type]
        for part in value:  # type: ignore[attr-defined]
            _survey(part, shape, texts)
    elif kind in (int, float, bool) or value is None:
        # To Python 1, 1.0 and True are the same key.
        shape.append((kind, repr(value)))
    else:
        raise TypeError


def _array(value: object) -> list[str]:
    if type(value) is not list:
        raise TypeError
    return value


def _marked(value: Any, marks: list[str]) -> Any:
    """Return a copy in which markers stand for the texts that `survey` gives; `marks` collects them."""
    if isinstance(value, str):
        marks.append(f"urn:{_NONCE}:{len(marks)}")
        return marks[-1]
    if isinstance(value, dict):
        return {
            name: part
            if name in _DECISIVE or name in _SHARED or name.startswith("@")
            else _marked(part, marks)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_marked(part, marks) for part in value]
    return value


# A quad cut up: numbers are places of texts or, from the number of texts on, of blank nodes; between them
# stands what is fixed.
Quad = list[int | str]
Fill = Callable[[list[str]], list[str]]


class LearnedShape:
    """The N-Quads of a shape, with places for its texts.

    Never changes after it was made: threads may share it.
    """

    def __init__(self, document: Document) -> None:
        """Learn from one document. Raises OutOfShape when its quads are not a matter of putting texts in.

        Texts are replaced by IRIs that nobody has; wherever one does not come out as a whole term of a quad
        (dropped by the context, inside JSON, in a named graph), the shape cannot be learned.
        """
        marks: list[str] = []
        lines = canonicalise(_marked(document, marks)).split("\n")[:-1]
        self._texts = len(marks)
        quads = [self._cut(line) for line in lines]
        places = {term for quad in quads for term in quad if isinstance(term, int)}
        if not places.issuperset(range(self._texts)):
            raise OutOfShape("The contexts drop a text.")
        self._blanks = range(self._texts, max(places, default=-1) + 1)
        self._iris = tuple(sorted({place for quad in quads for place in _iri_places(quad)}))
        with_blanks = [quad for quad in quads if any(term in self._blanks for term in quad)]
        others = [quad for quad in quads if quad not in with_blanks]
        self._fixed = ["".join(map(str, quad)) for quad in others if not _has_places(quad)]
        self._plain = _filler([quad for quad in others if _has_places(quad)])
        self._linked = _filler(with_blanks)
        self._hashes: list[tuple[str, int]] = []
        self._hashers: list[tuple[int, Fill]] = []
        for blank in self._blanks:
            own = [self._seen_from(blank, quad) for quad in with_blanks if blank in quad]
            if any(map(_has_places, own)):
                self._hashers.append((blank, _filler(own)))
            else:
                self._hashes.append((_hash(["".join(map(str, quad)) for quad in own]), blank))
        if len({digest for digest, _blank in self._hashes}) != len(self._hashes):
            raise OutOfShape("Blank nodes look alike in every document of this shape.")

    def fill(self, texts: list[str]) -> str:
        """Return the canonical N-Quads of the document of this shape that has these texts.

        Raises OutOfShape where only the generic algorithm knows: when blank nodes look alike, when two quads
        become one, when a text is not the IRI that it should be, and for characters that cannot be signed.
        """
        for place in self._iris:
            if not texts[place].startswith(SCHEMES) or not ABSOLUTE_IRI.fullmatch(texts[place]):
                raise OutOfShape("A text is not an absolute IRI.")
        values = [
            text if text.isprintable() and '"' not in text and "\\" not in text else _escaped(text)
            for text in texts
        ]
        hashes = [*self._hashes, *[(_hash(fill(values)), blank) for blank, fill in self._hashers]]
        hashes.sort()
        labels = {blank: f"_:c14n{number}" for number, (_digest, blank) in enumerate(hashes)}
        if len({digest for digest, _blank in hashes}) != len(hashes):
            raise OutOfShape("Blank nodes look alike.")
        values += [labels[blank] for blank in self._blanks]
        quads = self._fixed + self._plain(values) + self._linked(values)
        if len(set(quads)) != len(quads):
            raise OutOfShape("Two quads become one.")
        quads.sort()
        quads.append("")
        return "\n".join(quads)

    def _cut(self, line: str) -> Quad:
        found = _QUAD.fullmatch(line)
        if not found:
            raise OutOfShape("A quad stands in a named graph.")
        quad: Quad = []
        for term in found.groups():
            # Literals begin with a quotation mark and IRIs with <, so this is a blank node.
            if term.startswith("_:c14n"):
                quad += [self._texts + int(term.removeprefix("_:c14n")), " "]
                continue
            parts = _TERM.fullmatch(term)
            mark = _MARKER.fullmatch(parts[2]) if parts else None
            if parts and mark:
                quad += [parts[1], int(mark[1]), parts[3] + " "]
            elif _NONCE in term:
                raise OutOfShape("A text is only a part of a term.")
            else:
                quad.append(term + " ")
        return [*quad, "."]

    def _seen_from(self, blank: int, quad: Quad) -> Quad:
        """Return a quad as the hash of a blank node sees it: itself `_:a`, the others `_:z`.

        RDFC-1.0, section 4.6.
        """
        return [("_:a" if term == blank else "_:z") if term in self._blanks else term for term in quad]


def _filler(quads: list[Quad]) -> Fill:
    """Return a function that puts values into quads."""
    template = "\n".join(
        "".join("%s" if isinstance(term, int) else term.replace("%", "%%") for term in quad) for quad in quads
    )
    places = [term for quad in quads for term in quad if isinstance(term, int)]
    if not places:
        return lambda _values: []
    pick = itemgetter(*places)
    # Line feeds inside texts are escaped by now, so those of the template are the only ones.
    return lambda values: (template % pick(values)).split("\n")


def _iri_places(quad: Quad) -> list[int]:
    return [term for before, term in pairwise(quad) if isinstance(term, int) and str(before).endswith("<")]


def _has_places(quad: Quad) -> bool:
    return any(isinstance(term, int) for term in quad)


def _hash(quads: list[str]) -> str:
    return sha256("".join([f"{quad}\n" for quad in sorted(quads)]).encode()).hexdigest()


def _escaped(text: str) -> str:
    if UNSIGNABLE_CHARACTERS.search(text):
        raise OutOfShape("A character cannot be signed.")
    return text.translate(_ESCAPED)
