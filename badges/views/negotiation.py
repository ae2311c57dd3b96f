"""Which of the forms that an address has a client would rather have, by its Accept header (RFC 9110 section 12.5.1)."""

import re
from functools import lru_cache

HTML = "text/html"
JSON = "application/json"
LINKED_DATA = "application/ld+json"
CREDENTIAL = "application/vc"
CREDENTIAL_LINKED_DATA = "application/vc+ld+json"

_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@lru_cache(maxsize=512)
def preferred(accept: str, offered: tuple[str, ...]) -> str:
    """Return the media type of `offered` that an Accept header prefers; the first when it wants none of them.

    The weight of a type is that of the most specific range that names it. Between equal weights, a type that is
    named goes before one under a wildcard, then comes the order of the header, then that of `offered`. Parameters
    such as `profile` are not compared. A range with a weight that cannot be read counts as not there.
    """
    ranges = _ranges(accept)
    ranked: list[tuple[float, int, int, int]] = []
    for place, media_type in enumerate(offered):
        kind = media_type.partition("/")[0]
        for specificity, name in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
            if name in ranges:
                position, weight = ranges[name]
                if weight > 0:
                    ranked.append((-weight, -specificity, position, place))
                break
    return offered[min(ranked)[3]] if ranked else offered[0]


def _ranges(accept: str) -> dict[str, tuple[int, float]]:
    """Return the ranges of a header with their positions and weights; of one that is there twice, the first."""
    found: dict[str, tuple[int, float]] = {}
    for position, entry in enumerate(accept.lower().split(",")):
        name, *parameters = (part.strip() for part in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _equals, value = parameter.partition("=")
            if key.strip() == "q":
                weight = float(value) if _WEIGHT.fullmatch(value.strip()) else -1.0
        if name and weight >= 0:
            found.setdefault(name, (position, weight))
    return found
