"""Uploaded SVG pictures made harmless: they draw shapes and text of the file itself, and do nothing else."""

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ElementTree, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from organizations.svg_styles import StyleSheet, TooManyStyles, local_name
from organizations.svg_values import (
    ATTRIBUTES,
    ELEMENTS,
    FILTER_PRIMITIVES,
    HREF_ELEMENTS,
    IDENTIFIER,
    INTERNAL_REFERENCE,
    PAINT_SERVERS,
    PROPERTIES,
    STYLE_ONLY_PROPERTIES,
    SVG_NAMESPACE,
    TEXT_ELEMENTS,
    XLINK_HREF,
    XML_SPACE,
    references_in,
    safe_value,
)

MAX_BYTES = 1024 * 1024
MAX_RESULT_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64
MAX_NAME_CHARACTERS = 200
# Elements drawn once every `use`, mask, pattern, marker and clip path is followed; a filter's step counts
# for many.
MAX_DRAWN = 100_000
MAX_REFERENCE_DEPTH = 200
FILTER_PRIMITIVE_WEIGHT = 50
MAX_FILTER_PRIMITIVES = 30
MAX_OCTAVES = 5
# The larger side that the file asks for; its real size is in the viewBox, and pages set their own.
DISPLAYED_SIZE = 600

_PIXELS_PER_UNIT = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
_LENGTH = re.compile(r"\s*(\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-z]{0,2})\s*")
_NUMBER_SEPARATOR = re.compile(r"\s*,\s*|\s+")


class PictureRefused(InvalidInput):
    """What was uploaded is not a picture that is accepted; the message says why and what to do."""


@dataclass
class _Drawing:
    """What is known of the whole file while its elements are copied."""

    styles: StyleSheet
    longest_side: float
    identifiers: dict[str, Element] = field(default_factory=dict)


def sanitise_svg(content: bytes) -> bytes:
    """Return the picture as UTF-8 XML with one root `svg` that has a viewBox, a width and a height.

    Kept are the elements, attributes and forms of values of organizations.svg_values, with references only
    into the file itself. Style sheets become attributes, so that the picture looks the same under any
    content security policy. Scripts, event attributes, links, animations, foreign markup, comments and
    processing instructions are dropped.

    Raises PictureRefused for what cannot be made harmless or would not look the same: no SVG, more than 1
    MiB, broken XML, definitions in its DOCTYPE (entities), pictures inside, no size, too many or too deeply
    nested elements, and parts that are drawn inside of themselves or far too often.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefused(_("An SVG picture may have at most 1 MiB. Simplify it, or upload it as PNG."))
    source = _parsed(content)
    min_x, min_y, width, height = _view_box(source)
    texts = ("".join(style.itertext()) for style in source.iter(f"{{{SVG_NAMESPACE}}}style"))
    try:
        drawing = _Drawing(StyleSheet(texts), max(width, height))
        root = _copied(source, (), drawing)
    except TooManyStyles as error:
        raise PictureRefused(
            _("The SVG has too many style rules. Simplify it, or upload it as PNG.")
        ) from error
    if root is None or not len(root):
        raise PictureRefused(_("The SVG draws nothing."))
    _refuse_heavy(root, drawing.identifiers)
    scale = DISPLAYED_SIZE / max(width, height)
    frame = {
        "xmlns": SVG_NAMESPACE,
        "viewBox": " ".join(map(_written, (min_x, min_y, width, height))),
        "width": str(max(1, round(width * scale))),
        "height": str(max(1, round(height * scale))),
    }
    root.attrib = frame | {name: value for name, value in root.items() if name not in {*frame, "x", "y"}}
    result = io.BytesIO()
    ElementTree(root).write(result, encoding="utf-8", xml_declaration=True)
    if result.tell() > MAX_RESULT_BYTES:
        raise PictureRefused(_("The SVG is too large. Simplify it, or upload it as PNG."))
    return result.getvalue()


class _BoundedBuilder(TreeBuilder):
    """Builds the tree, and stops as soon as there is more of it than a picture needs."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._elements += 1
        self._depth += 1
        if self._elements == 1 and tag not in {"svg", f"{{{SVG_NAMESPACE}}}svg"}:
            raise PictureRefused(_("The file is not an SVG picture."))
        if self._elements > MAX_ELEMENTS:
            raise PictureRefused(
                _("The SVG has more than %(max)d elements. Simplify it, or upload it as PNG.")
                % {"max": MAX_ELEMENTS}
            )
        if self._depth > MAX_DEPTH:
            raise PictureRefused(_("The SVG is nested too deeply. Simplify it, or upload it as PNG."))
        # Names carry their whole namespace, which a few bytes in the file can repeat without end.
        if any(len(name) > MAX_NAME_CHARACTERS for name in (tag, *attrs)):
            raise PictureRefused(_("The SVG has names that are too long."))
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


class _Parser(DefusedXMLParser):
    """Reads XML without entities, without anything external, and without definitions in the DOCTYPE."""

    def defused_start_doctype_decl(
        self,
        name: str,  # noqa: ARG002 - the base's signature
        sysid: str | None,  # noqa: ARG002
        pubid: str | None,  # noqa: ARG002
        has_internal_subset: bool,  # noqa: FBT001
    ) -> None:
        # Not only entities: attribute defaults declared there also grow a small file without end.
        if has_internal_subset:
            raise PictureRefused(
                _("The SVG has definitions of its own in its DOCTYPE. Export it as plain SVG.")
            )


def _parsed(content: bytes) -> Element:
    """Return the root element. Elements without any namespace count as SVG when the root has none either."""
    parser = _Parser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise PictureRefused(
            _("The SVG is broken and cannot be read (%(reason)s). Export it again.") % {"reason": error}
        ) from error
    if "}" not in root.tag:
        for element in root.iter():
            if "}" not in element.tag:
                element.tag = f"{{{SVG_NAMESPACE}}}{element.tag}"
    return root


def _view_box(root: Element) -> tuple[float, float, float, float]:
    """Return the viewBox, or one made of width and height, in pixels."""
    numbers = [_number(part) for part in _NUMBER_SEPARATOR.split(root.get("viewBox", "").strip()[:200])]
    if len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0:
        min_x, min_y, width, height = numbers
    else:
        min_x = min_y = 0.0
        width, height = _pixels(root.get("width", "")), _pixels(root.get("height", ""))
    if not (width > 0 and height > 0):
        raise PictureRefused(
            _("The SVG does not say how large it is. Export it with a width and a height, or a viewBox.")
        )
    if not (max(abs(min_x), abs(min_y), width, height) <= 1e6 and min(width, height) >= 1e-3):
        raise PictureRefused(
            _("The SVG is too large or too small. Export it at a usual size, such as 600 by 600.")
        )
    return min_x, min_y, width, height


def _number(text: str) -> float:
    """Return a finite number, or NaN."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _pixels(length: str) -> float:
    """Return a length of CSS in pixels; NaN for one that depends on something else (`%`, `em`) or is none."""
    match = _LENGTH.fullmatch(length[:100])
    return _number(match[1]) * _PIXELS_PER_UNIT.get(match[2], math.nan) if match else math.nan


def _written(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _copied(element: Element, ancestors: Sequence[Element], drawing: _Drawing) -> Element | None:
    """Return a copy with only what is allowed in it, or None when the element itself is not."""
    if not element.tag.startswith(f"{{{SVG_NAMESPACE}}}"):
        return None
    name = local_name(element)
    in_text = bool(ancestors) and local_name(ancestors[-1]) in TEXT_ELEMENTS
    if name == "a":  # a link is no more than a group; what is in it is drawn
        name = "tspan" if in_text else "g"
    if name == "image":
        raise PictureRefused(_("The SVG has a photo or another picture inside. Upload it as PNG."))
    if name not in ELEMENTS:
        return None
    copy = Element(name, _attributes(element, name, ancestors, drawing))
    if name == "use" and "href" not in copy.attrib:
        return None
    if identifier := copy.get("id"):
        drawing.identifiers[identifier] = copy
    if (
        name == "filter"
        and sum(local_name(child) in FILTER_PRIMITIVES for child in element) > MAX_FILTER_PRIMITIVES
    ):
        raise PictureRefused(_("The SVG has a filter of too many steps. Simplify it, or upload it as PNG."))
    keeps_text = name in TEXT_ELEMENTS
    pieces = [element.text if keeps_text else None]
    inner = (*ancestors, element)
    for child in element:
        kept = _copied(child, inner, drawing)
        if kept is not None:
            _put_text(copy, pieces)
            copy.append(kept)
            pieces = []
        if keeps_text:
            pieces.append(child.tail)
    _put_text(copy, pieces)
    return copy


def _put_text(parent: Element, pieces: Iterable[str | None]) -> None:
    """Set the text that comes next: after the last child, or at the start where there is none."""
    text = "".join(piece for piece in pieces if piece) or None
    if len(parent):
        parent[-1].tail = text
    else:
        parent.text = text


def _attributes(
    element: Element, name: str, ancestors: Sequence[Element], drawing: _Drawing
) -> dict[str, str]:
    """Return the attributes of a copy: the element's own, and over them what its styles say."""
    kept: dict[str, str] = {}
    for attribute, value in element.items():
        if attribute in {"href", XLINK_HREF}:
            reference = INTERNAL_REFERENCE.fullmatch(value)
            # Of the two spellings the newer one counts (SVG 2, section 16.1.6).
            if reference and name in HREF_ELEMENTS and (attribute == "href" or "href" not in element.attrib):
                kept["href"] = f"#{reference[1]}"
        elif attribute == "id":
            # The first of two elements with one name keeps it: otherwise what we count need not be what is
            # drawn.
            if IDENTIFIER.fullmatch(value) and value not in drawing.identifiers:
                kept["id"] = value
        elif attribute == XML_SPACE and value == "preserve":
            kept["xml:space"] = value
        elif attribute in ATTRIBUTES and (safe := safe_value(attribute, value)) is not None:
            kept[attribute] = safe
    rest: list[str] = []
    for attribute, value in drawing.styles.properties_of(element, ancestors).items():
        # Style sheets write transforms with units that the attribute does not know.
        text = re.sub(r"(?<=[\d.])(?:px|deg)\b", "", value) if attribute == "transform" else value
        if (safe := safe_value(attribute, text)) is None:
            continue
        if attribute in PROPERTIES:
            kept[attribute] = safe
        elif attribute in STYLE_ONLY_PROPERTIES:
            rest.append(f"{attribute}:{safe}")
    if rest:
        kept["style"] = ";".join(rest)
    return _bounded(name, kept, drawing.longest_side)


def _bounded(name: str, attributes: dict[str, str], longest_side: float) -> dict[str, str]:
    """Return the attributes of a filter's step with numbers that cost a bounded time to draw."""
    limits: Mapping[str, float] = {
        "numOctaves": MAX_OCTAVES,
        "stdDeviation": longest_side / 4,
        "radius": longest_side / 100,
    }
    if name in FILTER_PRIMITIVES:
        for attribute, limit in limits.items():
            if attribute in attributes:
                parts = _NUMBER_SEPARATOR.split(attributes[attribute].strip()[:100])
                numbers = [min(max(_number(part), 0.0), limit) for part in parts[:2]]
                attributes[attribute] = " ".join(
                    "0" if math.isnan(number) else _written(number) for number in numbers
                )
    return attributes


@dataclass(frozen=True)
class _Cost:
    """How many elements are drawn for one, and how many references and children the longest way has."""

    drawn: int
    depth: int


def _refuse_heavy(root: Element, identifiers: Mapping[str, Element]) -> None:
    """Refuse a picture that references blow up, or lead back into themselves."""
    known: dict[Element, _Cost] = {}
    open_elements: set[Element] = set()

    def cost(element: Element, way: int) -> _Cost:
        if (found := known.get(element)) is not None:
            return found
        if element in open_elements:
            raise PictureRefused(
                _("The SVG draws a part inside of itself (#%(id)s). Correct it, or upload it as PNG.")
                % {"id": element.get("id", "")}
            )
        open_elements.add(element)
        parts = [*element, *_referenced(element, identifiers)]
        if way > MAX_REFERENCE_DEPTH:
            raise PictureRefused(
                _("The SVG refers from part to part too often. Simplify it, or upload it as PNG.")
            )
        costs = [cost(part, way + 1) for part in parts]
        open_elements.remove(element)
        weight = FILTER_PRIMITIVE_WEIGHT if element.tag in FILTER_PRIMITIVES else 1
        # Gradients cost nothing wherever they are used; they are followed all the same, for circles.
        drawn = 0 if element.tag in PAINT_SERVERS else weight + sum(part.drawn for part in costs)
        result = _Cost(drawn, 1 + max((part.depth for part in costs), default=0))
        if result.drawn > MAX_DRAWN or result.depth > MAX_REFERENCE_DEPTH:
            raise PictureRefused(_("The SVG repeats its parts too often. Simplify it, or upload it as PNG."))
        known[element] = result
        return result

    cost(root, 0)


def _referenced(element: Element, identifiers: Mapping[str, Element]) -> list[Element]:
    names = [name for value in element.attrib.values() for name in references_in(value)]
    if href := element.get("href"):
        names.append(href.removeprefix("#"))
    return [identifiers[name] for name in names if name in identifiers]
