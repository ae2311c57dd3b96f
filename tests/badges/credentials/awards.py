"""Strategies for Hypothesis: awards of random shapes, with the most awkward texts that may be signed."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies

from badges.credentials.canonical import UNSIGNABLE_CHARACTERS
from badges.credentials.values import (
    Achievement,
    Alignment,
    Award,
    Evidence,
    Recipient,
    Result,
    ResultDescription,
    StatusEntry,
)

AWKWARD = [
    "plain",
    'q"uote\\back',
    "tab\tline\nfeed\rreturn",
    "\\u0041 \\n \\",
    "%s %d %% {0} {}",
    "ünï漢字🎓",
    "\u2028\u2029\u0085\u00a0\ufeff\u200b",
    "_:c14n0 _:c14n1",
    "_:a",
    " lead and trail ",
    "",
    "\U000e0001\U0010fffd",
    "a" * 3000,
    "https://example.org/é <b> .",
    '" .\n<a> <b> "c',
    '"@en',
    '"^^<http://www.w3.org/2001/XMLSchema#integer>',
    "]]>",
]
texts = strategies.one_of(
    strategies.sampled_from(AWKWARD),
    strategies.text(max_size=20).filter(lambda text: not UNSIGNABLE_CHARACTERS.search(text)),
)
filled_texts = texts.filter(bool)
urls = strategies.one_of(
    strategies.integers(0, 3).map(lambda number: f"https://example.org/{number}"),
    strategies.sampled_from(
        ["urn:uuid:00000000-0000-4000-8000-000000000000", "https://example.org/é?a=1&b=%20#c", "did:key:z6Mk"]
    ),
)
optional_urls = strategies.none() | urls
instants = strategies.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@strategies.composite
def achievements(draw: strategies.DrawFn) -> Achievement:
    """Return an achievement of any shape."""
    return Achievement(
        url=draw(urls),
        name=draw(texts),
        description=draw(texts),
        criteria_narrative=draw(strategies.none() | texts),
        criteria_url=draw(optional_urls),
        image_url=draw(optional_urls),
        image_caption=draw(strategies.none() | texts),
        achievement_type=draw(strategies.sampled_from([None, "Badge", "ext:Own"])),
        tags=tuple(draw(strategies.lists(texts, max_size=3))),
        alignments=tuple(
            Alignment(name=draw(texts), url=draw(urls), type=draw(strategies.sampled_from([None, "CFItem"])))
            for _ in range(draw(strategies.integers(0, 2)))
        ),
        credits_available=draw(strategies.sampled_from([None, 0, 3, 2.5, 0.1, 120.25])),
        result_descriptions=tuple(
            ResultDescription(
                url=draw(urls),
                name=draw(texts),
                result_type="LetterGrade",
                allowed_values=tuple(draw(strategies.lists(texts, max_size=3))),
            )
            for _ in range(draw(strategies.integers(0, 2)))
        ),
    )


@strategies.composite
def similar_awards(draw: strategies.DrawFn) -> list[tuple[Award, StatusEntry | None]]:
    """Return several awards that have the same fields with other values: one shape, to be learned."""
    has_name, has_status, has_image, has_narrative, expires = (draw(strategies.booleans()) for _ in range(5))
    evidence = draw(strategies.lists(strategies.booleans(), max_size=3))
    results = draw(strategies.integers(0, 2))
    credits_earned = draw(strategies.sampled_from([None, 1, 2.5]))
    return [
        (
            Award(
                url=f"https://badges.example.org/{number}" if draw(strategies.booleans()) else draw(urls),
                uuid=UUID(int=number),
                recipient=Recipient(
                    email=f"{number}@example.org",
                    salt=draw(texts),
                    subject_id=draw(urls),
                    name=draw(filled_texts) if has_name else None,
                ),
                issued_at=draw(instants),
                expires_at=draw(instants) if expires else None,
                narrative=draw(filled_texts) if has_narrative else None,
                evidence=tuple(
                    Evidence(
                        url=draw(urls) if has_url else None,
                        name=draw(filled_texts),
                        narrative=draw(filled_texts),
                    )
                    for has_url in evidence
                ),
                results=tuple(
                    Result(value=draw(texts), result_description_url=draw(urls)) for _ in range(results)
                ),
                credits_earned=credits_earned,
                image_url=draw(urls) if has_image else None,
            ),
            StatusEntry(
                list_url=f"https://example.org/status/{draw(strategies.integers(0, 3))}", index=number
            )
            if has_status
            else None,
        )
        for number in range(5)
    ]
