"""Which form of an address a client gets."""

import pytest

from badges.views.negotiation import preferred

FORMS = ("text/html", "application/ld+json", "application/vc+ld+json", "application/vc", "application/json")
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        (CHROMIUM, "text/html"),
        ("image/png", "text/html"),
        ("application/json", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("application/ld+json, application/json", "application/ld+json"),
        ("application/json, application/ld+json", "application/json"),
        ("application/json;q=0.5, application/ld+json;q=0.9", "application/ld+json"),
        ('application/ld+json; profile="https://w3id.org/openbadges/v2"', "application/ld+json"),
        ("application/vc", "application/vc"),
        ("application/vc+ld+json", "application/vc+ld+json"),
        ("application/json, text/plain, */*", "application/json"),
        ("*/*, application/json", "application/json"),
        ("*/*;q=1, application/json;q=0.1", "text/html"),
        ("application/*", "application/ld+json"),
        ("application/*, application/ld+json;q=0", "application/vc+ld+json"),
        ("text/html;q=0, */*", "application/ld+json"),
        ("text/html;q=0", "text/html"),
        ("application/json;q=high, text/html;q=0.2", "text/html"),
        ("application/json;q=nan, text/html;q=0.2", "text/html"),
        ("application/json;q=0.8, application/json;q=0.1, text/html;q=0.5", "application/json"),
        (" , ;q=1,", "text/html"),
    ],
)
def test_preferred_form_follows_weights_then_specificity_then_order(accept: str, expected: str) -> None:
    assert preferred(accept, FORMS) == expected
