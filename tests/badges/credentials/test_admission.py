"""The door: what would not verify elsewhere is refused, naming the field; all else comes in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from badges.credentials import admission, ob3
from badges.credentials.canonical import canonicalise
from badges.credentials.exceptions import Unsignable
from badges.credentials.values import (
    Achievement,
    Alignment,
    Award,
    Evidence,
    Identifier,
    Result,
    ResultDescription,
    StatusEntry,
)
from badges.enums import AchievementType
from tests.badges.credentials.awards import achievements, similar_awards
from tests.badges.credentials.cast import (
    ACHIEVEMENT,
    AWARD,
    BARE_ACHIEVEMENT,
    BARE_AWARD,
    ISSUER,
    NOW,
    STATUS,
)

BELL = "bell \x07"


def refusal(act: Callable[[], None]) -> tuple[str, str]:
    """The field and the message of the refusal that must come."""
    with pytest.raises(Unsignable) as caught:
        act()
    return caught.value.field, caught.value.message


def test_cast_comes_in() -> None:
    admission.check_issuer(ISSUER)
    for achievement in (ACHIEVEMENT, BARE_ACHIEVEMENT):
        admission.check_achievement(achievement)
    for award in (AWARD, BARE_AWARD):
        admission.check_award(award)
    admission.check_status(STATUS)


@pytest.mark.parametrize("text", [None, "", "plain", "line\nfeed\ttab\r", "ünï漢字🎓", "\u2028\u200b"])
def test_sound_texts_come_in(text: str | None) -> None:
    admission.check_text("name", text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00", "U+0000, at position 2"),
        ("\x7f", "U+007F, at position 1"),
        ("\ufffe", "U+FFFE"),
        ("\ud800", "U+D800"),
    ],
)
def test_texts_that_cannot_be_signed_are_refused(text: str, code: str) -> None:
    field, message = refusal(lambda: admission.check_text("name", text))
    assert field == "name"
    assert code in message


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_empty_texts_are_refused_where_one_must_be(text: str | None) -> None:
    assert refusal(lambda: admission.check_text("name", text, is_required=True)) == (
        "name",
        "This must not be empty.",
    )


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://example.org",
        "http://127.0.0.1:8000/a",
        "https://[::1]/",
        "https://example.org/università?a=%20#b",
    ],
)
def test_sound_addresses_come_in(url: str | None) -> None:
    admission.check_url("url", url)


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "/path",
        "https:",
        "https://",
        "https:///path",
        "https://exa mple.org",
        "https://example.org/<",
        "https://example.org/100%",
        "https://example.org/#a#b",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://[::1",
        "ftp://example.org",
        "javascript:alert(1)",
        "data:text/plain,x",
        " https://example.org",
    ],
)
def test_broken_addresses_are_refused(url: str) -> None:
    field, message = refusal(lambda: admission.check_url("url", url))
    assert field == "url"
    assert message.startswith("This is not a full web address.")


@pytest.mark.parametrize("number", [None, 0, 3, 2.5, 0.1, 12.34, Decimal("999999999.99"), Decimal("1.50")])
def test_sound_numbers_come_in(number: float | Decimal | None) -> None:
    admission.check_number("credits", number)


@pytest.mark.parametrize(
    "number",
    [
        -1,
        1_000_000_000,
        0.001,
        Decimal("0.005"),
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        True,
    ],
)
def test_numbers_that_verifiers_write_differently_are_refused(number: float | Decimal) -> None:
    assert refusal(lambda: admission.check_number("credits", number))[0] == "credits"


def test_achievement_types_of_the_application_come_in() -> None:
    for achievement_type in AchievementType.values:
        admission.check_achievement(replace(ACHIEVEMENT, achievement_type=achievement_type))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "versions/1"}, "url"),
        ({"name": " "}, "name"),
        ({"description": ""}, "description"),
        ({"criteria_narrative": BELL}, "criteria_narrative"),
        ({"criteria_url": "criteria"}, "criteria_url"),
        ({"image_url": "image.png"}, "image_url"),
        ({"image_caption": BELL}, "image_caption"),
        ({"achievement_type": "Medal"}, "achievement_type"),
        ({"achievement_type": "ext:with space"}, "achievement_type"),
        ({"tags": ("a", "")}, "tags.1"),
        ({"tags": ("\U0001f600", "\ufb01")}, "tags"),
        ({"language": "english"}, "language"),
        ({"version": BELL}, "version"),
        ({"human_code": BELL}, "human_code"),
        ({"field_of_study": BELL}, "field_of_study"),
        ({"specialization": BELL}, "specialization"),
        ({"credits_available": 0.001}, "credits_available"),
        ({"alignments": (Alignment(name="", url="https://a.b"),)}, "alignments.0.name"),
        ({"alignments": (Alignment(name="a", url="a"),)}, "alignments.0.url"),
        ({"alignments": (Alignment(name="a", url="https://a.b", type="ESCO"),)}, "alignments.0.type"),
        ({"alignments": (Alignment(name="a", url="https://a.b", code=BELL),)}, "alignments.0.code"),
        ({"other_identifiers": (Identifier(value="", type="isbn"),)}, "other_identifiers.0.value"),
        ({"other_identifiers": (Identifier(value="1", type="doi"),)}, "other_identifiers.0.type"),
        (
            {"result_descriptions": (ResultDescription(url="r", name="a", result_type="Status"),)},
            "result_descriptions.0.url",
        ),
        (
            {"result_descriptions": (ResultDescription(url="urn:r:1", name="a", result_type="Grade"),)},
            "result_descriptions.0.result_type",
        ),
        (
            {
                "result_descriptions": (
                    ResultDescription(
                        url="urn:r:1", name="a", result_type="Status", allowed_values=("A", BELL)
                    ),
                )
            },
            "result_descriptions.0.allowed_values.1",
        ),
    ],
)
def test_achievements_that_would_not_verify_are_refused(changed: dict[str, Any], field: str) -> None:
    assert refusal(lambda: admission.check_achievement(replace(ACHIEVEMENT, **changed)))[0] == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "badges/1"}, "url"),
        ({"uuid": UUID("0198c0de-0000-7000-8000-000000000000")}, "uuid"),
        ({"uuid": UUID(int=0)}, "uuid"),
        ({"recipient": replace(AWARD.recipient, email="ada")}, "recipient.email"),
        ({"recipient": replace(AWARD.recipient, email="ada@b@c")}, "recipient.email"),
        ({"recipient": replace(AWARD.recipient, email="a da@b.c")}, "recipient.email"),
        ({"recipient": replace(AWARD.recipient, email="")}, "recipient.email"),
        ({"recipient": replace(AWARD.recipient, salt="")}, "recipient.salt"),
        ({"recipient": replace(AWARD.recipient, name=BELL)}, "recipient.name"),
        ({"recipient": replace(AWARD.recipient, subject_id="ada")}, "recipient.subject_id"),
        ({"issued_at": NOW.replace(tzinfo=None)}, "issued_at"),
        ({"expires_at": NOW}, "expires_at"),
        ({"expires_at": datetime(9999, 1, 1, tzinfo=UTC)}, "expires_at"),
        ({"activity_started_on": date(999, 1, 1)}, "activity_started_on"),
        ({"activity_ended_on": NOW.replace(tzinfo=None)}, "activity_ended_on"),
        ({"narrative": BELL}, "narrative"),
        ({"license_number": BELL}, "license_number"),
        ({"role": BELL}, "role"),
        ({"term": BELL}, "term"),
        ({"image_url": "a.png"}, "image_url"),
        ({"credits_earned": -1}, "credits_earned"),
        ({"evidence": (Evidence(url="here"),)}, "evidence.0.url"),
        ({"evidence": (Evidence(name="a"), Evidence(narrative=BELL))}, "evidence.1.narrative"),
        ({"evidence": (Evidence(genre="a"),)}, "evidence.0"),
        ({"results": (Result(value=BELL),)}, "results.0.value"),
        ({"results": (Result(result_description_url="r"),)}, "results.0.result_description_url"),
        ({"results": (Result(status="ext:Done"),)}, "results.0.status"),
    ],
)
def test_awards_that_would_not_verify_are_refused(changed: dict[str, Any], field: str) -> None:
    assert refusal(lambda: admission.check_award(replace(AWARD, **changed)))[0] == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"did": "acme"}, "did"),
        ({"url": "acme"}, "url"),
        ({"name": ""}, "name"),
        ({"description": BELL}, "description"),
        ({"website": "acme.example.org"}, "website"),
        ({"email": None}, "email"),
        ({"image_url": "logo.png"}, "image_url"),
    ],
)
def test_issuers_that_would_not_verify_are_refused(changed: dict[str, Any], field: str) -> None:
    assert refusal(lambda: admission.check_issuer(replace(ISSUER, **changed)))[0] == field


def test_status_places_are_counted_from_0() -> None:
    assert (
        refusal(lambda: admission.check_status(StatusEntry(list_url=STATUS.list_url, index=-1)))[0] == "index"
    )
    assert refusal(lambda: admission.check_status(StatusEntry(list_url="status", index=1)))[0] == "list_url"


@settings(max_examples=40, deadline=None)
@given(achievement=achievements(), awards=similar_awards())
def test_what_comes_in_is_signed_whole(
    achievement: Achievement, awards: list[tuple[Award, StatusEntry | None]]
) -> None:
    """Nothing that the door lets in is refused, or dropped, when it is signed."""
    award, status = awards[0]
    try:
        admission.check_achievement(achievement)
        admission.check_award(award)
    except Unsignable:
        return
    assert canonicalise(ob3.credential(ISSUER, achievement, award, status))
