"""What a sanitised SVG may consist of: its elements, its attributes, and the forms of their values."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

PAINT_SERVERS = frozenset({"linearGradient", "radialGradient"})
FILTER_PRIMITIVES = _words(
    """feBlend feColorMatrix feComponentTransfer feComposite feDisplacementMap feDropShadow feFlood
    feGaussianBlur feMerge feMorphology feOffset feTile feTurbulence"""
)
TEXT_ELEMENTS = frozenset({"text", "tspan", "textPath", "title", "desc"})
HREF_ELEMENTS = PAINT_SERVERS | {"use", "pattern", "textPath", "filter"}
# Not here, and dropped with all that is in them: script, style (its rules become attributes),
# foreignObject, animations, fonts, metadata, filters that read pictures or cost much (feImage,
# feConvolveMatrix, lighting), and what nobody knows.
ELEMENTS = (
    PAINT_SERVERS
    | FILTER_PRIMITIVES
    | TEXT_ELEMENTS
    | _words(
        """svg g defs symbol use switch path rect circle ellipse line polyline polygon stop clipPath mask
    pattern marker filter feMergeNode feFuncR feFuncG feFuncB feFuncA"""
    )
)

# Properties that mean the same in a style sheet, in a `style` and as an attribute.
PROPERTIES = _words(
    """alignment-baseline baseline-shift clip-path clip-rule color color-interpolation
    color-interpolation-filters color-rendering direction display dominant-baseline fill fill-opacity
    fill-rule filter flood-color flood-opacity font-family font-size font-size-adjust font-stretch
    font-style font-variant font-weight image-rendering letter-spacing marker-end marker-mid
    marker-start mask mask-type opacity overflow paint-order shape-rendering stop-color stop-opacity
    stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width text-anchor text-decoration text-rendering transform transform-origin
    unicode-bidi vector-effect visibility word-spacing writing-mode"""
)
# The only ones that have no attribute of their own and so stay in a `style`, with keywords as values.
STYLE_ONLY_PROPERTIES = frozenset({"mix-blend-mode", "isolation"})
ATTRIBUTES = PROPERTIES | _words(
    """amplitude aria-hidden aria-label baseFrequency clipPathUnits cx cy d dx dy edgeMode exponent
    filterUnits fr fx fy gradientTransform gradientUnits height in in2 intercept k1 k2 k3 k4 lang
    lengthAdjust markerHeight markerUnits markerWidth maskContentUnits maskUnits method mode numOctaves
    offset operator orient pathLength patternContentUnits patternTransform patternUnits points
    preserveAspectRatio primitiveUnits r radius refX refY result role rotate rx ry scale seed side slope
    spacing spreadMethod startOffset stdDeviation stitchTiles systemLanguage tableValues textLength type
    values viewBox width x x1 x2 xChannelSelector y y1 y2 yChannelSelector"""
)
# Attributes for readers, which no renderer looks into.
WORDS = frozenset({"aria-label", "lang"})

_NAME = r"[\w.:-]{1,200}"
IDENTIFIER = re.compile(_NAME)
INTERNAL_REFERENCE = re.compile(rf"\s*#({_NAME})\s*")
_URL = re.compile(rf"""url\(\s*(["']?)#({_NAME})\1\s*\)""", re.IGNORECASE)
_REFERENCE = re.compile(rf"url\(#({_NAME})\)")
# Letters, numbers and colours, calls of harmless functions, and references within the file; never a
# backslash, a quote, a bracket or a semicolon, so that no value can be read as anything else. Atomic
# groups: linear, whatever comes.
_VALUE = re.compile(
    rf"""(?>
      (?:rgb|rgba|hsl|hsla|matrix|translate|translateX|translateY|scale|scaleX|scaleY|rotate|skewX|skewY)
        \s*\([a-zA-Z0-9\s.,%+-]*(?:/[0-9\s.%]*)?\)
      | url\(\#{_NAME}\)
      | [a-zA-Z0-9_\s.,%+\#-]
    )*+""",
    re.VERBOSE,
)
_PATH = re.compile(r"[MmZzLlHhVvCcSsQqTtAaEe0-9\s.,+-]*+")
_WORDS = re.compile(r"""[\w\s.,:;!?'"&()/-]*+""")
_FONTS = re.compile(r"""(?>[\w\s.,-]|'[\w\s.,&()-]*'|"[\w\s.,&()-]*")*+""")
_KEYWORD = re.compile(r"[a-z-]{1,30}")


def safe_value(name: str, value: str) -> str | None:
    """Return the value as it may be written for an attribute or property, or None when it must be left out.

    References (`url(...)`) survive only when they lead into the file itself, and are then written
    `url(#name)`.
    """
    if name in WORDS:
        return value if _WORDS.fullmatch(value) else None
    if name == "font-family":
        return value if _FONTS.fullmatch(value) else None
    if name == "d":
        return value if _PATH.fullmatch(value) else None
    if name in STYLE_ONLY_PROPERTIES:
        return value if _KEYWORD.fullmatch(value) else None
    value = _URL.sub(r"url(#\2)", value)
    return value if _VALUE.fullmatch(value) else None


def references_in(value: str) -> list[str]:
    """Return the names that the `url(#name)` in a safe value lead to."""
    return _REFERENCE.findall(value) if "url(" in value else []
