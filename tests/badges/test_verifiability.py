"""What is said before the first badge is issued: each fault is told once, in words, and only where it is."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion, StatusList
from badges.services.findings import Finding, Level, summary
from badges.services.revoking import revoke_badge
from badges.services.verifiability import check_verifiability
from organizations.encryption import encrypt
from organizations.enums import KeyAlgorithm, KeyStatus
from organizations.models import Organization, SigningKey, System
from organizations.services.keys import rotate_signing_key
from tests import factories

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
# What is told of acme when nothing is wrong but the mails, which tests keep in memory.
SOUND = [
    ("public_address", "This server", OK),
    ("encryption_keys", "This server", OK),
    ("mail", "This server", WARNING),
    ("signing_keys", "Acme Academy", OK),
    ("signing_keys", "Acme Academy", OK),
    ("issuer", "Acme Academy", OK),
]


def told(findings: list[Finding]) -> list[tuple[str, str, Level]]:
    """Return code, subject and level of each."""
    return [(finding.code, finding.subject, finding.level) for finding in findings]


def faults(organization: Organization | None) -> list[tuple[str, Level, str]]:
    """Return what is wrong, the mails aside."""
    return [
        (finding.code, finding.level, finding.message)
        for finding in check_verifiability(organization, fetch=None)
        if finding.level is not OK and finding.code != "mail"
    ]


def test_check_finds_nothing_wrong(secure: Settings, acme: Organization) -> None:
    assert told(check_verifiability(acme, fetch=None)) == SOUND


def test_check_with_badge_looks_at_revocations_and_templates(secure: Settings, badge: Badge) -> None:
    findings = check_verifiability(badge.organization, fetch=None)
    assert told(findings) == [*SOUND, ("revocations", "Acme Academy", OK), ("texts", "Acme Academy", OK)]


def test_check_changes_nothing(secure: Settings, badge: Badge, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4) as captured:  # keys, lists, their revoked badges, templates
        check_verifiability(badge.organization, fetch=None)
    assert {query["sql"].split()[0] for query in captured.captured_queries} == {"SELECT"}


def test_check_of_all_organizations_leaves_out_systems_without_templates(
    secure: Settings, acme: Organization, globex: Organization
) -> None:
    subjects = {finding.subject for finding in check_verifiability(fetch=None)}
    assert subjects == {"This server", "Acme Academy", "Globex College"}


def test_check_of_all_organizations_takes_in_system_with_templates(secure: Settings, system: System) -> None:
    factories.template(system.organizations.get(is_system_itself=True))
    assert {finding.subject for finding in check_verifiability(fetch=None)} == {"This server", "Main"}


def test_check_of_one_organization_says_nothing_of_others(
    secure: Settings, acme: Organization, globex: Organization
) -> None:
    SigningKey.objects.filter(organization=globex).delete()
    assert faults(acme) == []
    assert [code for code, _level, _message in faults(None)] == ["signing_keys", "signing_keys"]


def test_check_without_organization_says_how_to_make_one(secure: Settings, db: None) -> None:
    finding = check_verifiability(fetch=None)[-1]
    assert finding == Finding(
        code="organization",
        level=WARNING,
        subject="This server",
        message="There is no organization yet, so nobody can issue.",
        advice="Make one: manage.py create_organization NAME",
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://badges.example.org",
        "https://badges.example.org:8443",
        "https://localhost.example.org",
        "https://local.school.it",
        "https://xn--bcher-kva.example.net",
    ],
)
def test_address_that_others_reach_is_right(settings: Settings, acme: Organization, url: str) -> None:
    settings.PUBLIC_URL, settings.IS_SECURE = url, True
    finding = check_verifiability(acme, fetch=None)[0]
    assert (finding.code, finding.level, finding.message) == (
        "public_address",
        OK,
        f"PUBLIC_URL is {url}, a public https address.",
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://localhost", "This name is known on one machine or in one network only."),
        ("https://badges.localhost:8000", "This name is known on one machine or in one network only."),
        ("https://badges.local", "This name is known on one machine or in one network only."),
        ("https://badges.local.", "This name is known on one machine or in one network only."),
        ("https://Badges.LAN", "This name is known on one machine or in one network only."),
        ("https://nas.home.arpa", "This name is known on one machine or in one network only."),
        ("https://badges.example", "This name is known on one machine or in one network only."),
        ("https://badges", "This name has no dot, so it is known in your own network only."),
        ("https://127.0.0.1:8000", "This IP address is reached on one machine or in one network only."),
        ("https://10.1.2.3", "This IP address is reached on one machine or in one network only."),
        ("https://192.168.1.5", "This IP address is reached on one machine or in one network only."),
        ("https://169.254.1.1", "This IP address is reached on one machine or in one network only."),
        ("https://100.64.0.1", "This IP address is reached on one machine or in one network only."),
        ("https://[::1]", "This IP address is reached on one machine or in one network only."),
        ("https://[fd00::1]:8000", "This IP address is reached on one machine or in one network only."),
        ("https://[fe80::1]", "This IP address is reached on one machine or in one network only."),
        ("https://9.9.9.9", "This is an IP address: issuers are looked up by a name (did:web section 3.1)."),
        (
            "https://[2620:fe::fe]",
            "This is an IP address: issuers are looked up by a name (did:web section 3.1).",
        ),
    ],
)
def test_address_that_others_do_not_reach_is_told(
    settings: Settings, acme: Organization, url: str, reason: str
) -> None:
    settings.PUBLIC_URL, settings.IS_SECURE = url, True
    message = f"PUBLIC_URL is {url}. {reason} So nobody elsewhere can look up whether a badge is valid."
    assert faults(acme) == [("public_address", ERROR, message)]


def test_address_without_https_is_told(settings: Settings, acme: Organization) -> None:
    settings.PUBLIC_URL = "http://badges.example.org"
    message = (
        "PUBLIC_URL is http://badges.example.org, without https: verifiers look up an issuer's keys by https"
        " alone."
    )
    assert faults(acme) == [("public_address", ERROR, message)]


def test_demo_address_is_told_for_both_reasons(acme: Organization) -> None:
    assert [(code, level) for code, level, _message in faults(acme)] == [("public_address", ERROR)] * 2


def test_missing_encryption_keys_are_told(secure: Settings, acme: Organization) -> None:
    secure.KEY_ENCRYPTION_KEYS = []
    assert [(code, level) for code, level, _message in faults(acme)] == [
        ("encryption_keys", ERROR),
        ("signing_keys", ERROR),
        ("signing_keys", ERROR),
    ]


def test_key_that_cannot_be_decrypted_is_told(secure: Settings, acme: Organization) -> None:
    secure.KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert faults(acme) == [
        ("signing_keys", ERROR, "The Ed25519 key cannot be used, so no badge can be issued."),
        (
            "signing_keys",
            ERROR,
            "The RSA key cannot be used, so badges cannot be had as JWT, nor as signed Open Badges 2.0.",
        ),
    ]


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_missing_key_is_told(secure: Settings, acme: Organization, algorithm: KeyAlgorithm) -> None:
    SigningKey.objects.filter(organization=acme, algorithm=algorithm).delete()
    ((code, level, message),) = faults(acme)
    assert (code, level) == ("signing_keys", ERROR)
    assert message.startswith(f"There is no active {algorithm.label} key, so ")


def test_retired_key_does_not_count_as_active(secure: Settings, acme: Organization) -> None:
    SigningKey.objects.filter(organization=acme, algorithm=KeyAlgorithm.ED25519).update(status="retired")
    assert [message for _code, _level, message in faults(acme)] == [
        "There is no active Ed25519 key, so no badge can be issued."
    ]


@pytest.mark.parametrize("public_bytes", [bytes(32), b"too short"])
def test_key_whose_halves_do_not_fit_is_told(
    secure: Settings, acme: Organization, public_bytes: bytes
) -> None:
    SigningKey.objects.filter(organization=acme, algorithm=KeyAlgorithm.RSA).update(public_bytes=public_bytes)
    assert faults(acme) == [
        ("signing_keys", ERROR, "The RSA key is damaged: its two halves do not belong together.")
    ]


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_key_that_cannot_be_read_is_told(
    secure: Settings, acme: Organization, algorithm: KeyAlgorithm
) -> None:
    keys = SigningKey.objects.filter(organization=acme, algorithm=algorithm)
    keys.update(encrypted_private_bytes=encrypt(b"not a key"))
    assert faults(acme) == [
        (
            "signing_keys",
            ERROR,
            f"The {algorithm.label} key is damaged: its two halves do not belong together.",
        )
    ]


def test_organization_without_contact_and_website_is_told(secure: Settings, acme: Organization) -> None:
    secure.DEFAULT_FROM_EMAIL = "badges@badges.example.org"
    acme.contact_info, acme.website = {}, ""
    acme.save()
    assert faults(acme) == [
        (
            "issuer",
            WARNING,
            "There is no contact e-mail address. Open Badges 2.0 demands one: badges@badges.example.org stands"
            " in.",
        ),
        ("issuer", WARNING, "There is no website, so badges name this server's page as that of the issuer."),
    ]


def test_organization_with_invisible_character_is_told(secure: Settings, acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(name="Acme\x07")
    acme.refresh_from_db()
    ((code, level, message),) = faults(acme)
    assert (code, level) == ("issuer", ERROR)
    assert message.startswith(
        "The organization's name cannot stand in a badge: The text has an invisible character"
    )


@pytest.mark.parametrize(
    ("backend", "level"), [("filebased", WARNING), ("console", WARNING), ("dummy", WARNING), ("smtp", OK)]
)
def test_mails_that_reach_nobody_are_told(
    secure: Settings, acme: Organization, backend: str, level: Level
) -> None:
    secure.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    assert [finding.level for finding in check_verifiability(acme, fetch=None) if finding.code == "mail"] == [
        level
    ]


def change_version(template: BadgeTemplate, **fields: Any) -> None:
    """Write into the version past the services, as a person in the database may have done."""
    BadgeTemplateVersion.objects.filter(template=template).update(**fields)


def test_template_without_texts_is_told(secure: Settings, template: BadgeTemplate) -> None:
    change_version(template, description="", assignment_criteria="")
    assert faults(template.organization) == [
        ("texts", WARNING, "“Data literacy” has no description: others see its title twice."),
        (
            "texts",
            WARNING,
            "“Data literacy” does not say what earners did for it, so it is worth little elsewhere.",
        ),
    ]


def test_template_that_cannot_be_signed_is_told(secure: Settings, template: BadgeTemplate) -> None:
    change_version(template, title="Data\x00literacy".replace("\x00", "\x07"))
    ((code, level, message),) = faults(template.organization)
    assert (code, level) == ("texts", ERROR)
    assert message.startswith(
        "The title of “Data\x07literacy” cannot be signed: The text has an invisible character"
    )


def test_archived_template_is_left_alone(secure: Settings, template: BadgeTemplate) -> None:
    change_version(template, description="")
    BadgeTemplate.objects.filter(pk=template.pk).update(archived_at=template.created_at)
    assert faults(template.organization) == []


def png(width: int, height: int, *, size: int = 100) -> bytes:
    """Return the head of a PNG file, filled up to `size` bytes."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return head.ljust(size, b"\x00")


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (png(600, 600), []),
        (png(90, 90), []),
        (png(500, 400), []),
        (png(600, 600, size=1024 * 1024), []),
        (
            png(600, 600, size=1024 * 1024 + 1),
            [(WARNING, "has 1.0 MB: some software refuses badges of more than 1 MB.")],
        ),
        (png(89, 89), [(WARNING, "has only 89 × 89 pixels: it looks blurred, or is refused.")]),
        (png(600, 400), [(WARNING, "has 600 × 400 pixels: others show badges in a square.")]),
        (png(400, 600), [(WARNING, "has 400 × 600 pixels: others show badges in a square.")]),
        (b"GIF89a", [(ERROR, "is not a PNG file, so no badge can be woven into it.")]),
        (b"", [(ERROR, "is not a PNG file, so no badge can be woven into it.")]),
    ],
)
def test_picture_that_others_do_not_take_is_told(
    secure: Settings, template: BadgeTemplate, content: bytes, problems: list[tuple[Level, str]]
) -> None:
    change_version(template, image=default_storage.save("picture.png", ContentFile(content)))
    assert faults(template.organization) == [
        ("picture", level, f"The picture of “Data literacy” {message}") for level, message in problems
    ]


def test_picture_that_is_lost_is_told(secure: Settings, template: BadgeTemplate) -> None:
    change_version(template, image="lost.png")
    assert faults(template.organization) == [
        (
            "picture",
            ERROR,
            "The picture of “Data literacy” cannot be read from the storage: FileNotFoundError",
        )
    ]


def test_revoked_badge_leaves_list_complete(secure: Settings, badge: Badge) -> None:
    revoke_badge(badge=badge, reason="A mistake.", by=None)
    assert faults(badge.organization) == []


def test_badge_revoked_past_the_list_is_told(secure: Settings, badge: Badge) -> None:
    Badge.objects.filter(pk=badge.pk).update(revoked_at=badge.issued_at)
    assert faults(badge.organization) == [
        ("revocations", ERROR, "List 1 of revoked badges does not tell of all that were revoked.")
    ]


@pytest.mark.parametrize(
    ("signed", "changed"),
    [
        ('"validFrom":"2', '"validFrom":"1'),
        ('"encodedList":"u', '"encodedList":"!'),
        ('"type"', '"undefined"'),
    ],
)
def test_changed_list_is_told(secure: Settings, badge: Badge, signed: str, changed: str) -> None:
    row = StatusList.objects.get()
    row.body = row.body.replace(signed, changed)
    row.save()
    assert faults(badge.organization) == [
        (
            "revocations",
            ERROR,
            "List 1 of revoked badges has no trusted signature, so its badges are refused.",
        )
    ]


def test_list_signed_by_revoked_key_is_told(secure: Settings, badge: Badge) -> None:
    key = SigningKey.objects.get(organization=badge.organization, algorithm=KeyAlgorithm.ED25519)
    rotate_signing_key(key=key)
    SigningKey.objects.filter(pk=key.pk).update(status=KeyStatus.REVOKED)
    assert faults(badge.organization) == [
        (
            "revocations",
            ERROR,
            "List 1 of revoked badges has no trusted signature, so its badges are refused.",
        )
    ]


def test_list_signed_by_retired_key_is_right(secure: Settings, badge: Badge) -> None:
    rotate_signing_key(
        key=SigningKey.objects.get(organization=badge.organization, algorithm=KeyAlgorithm.ED25519)
    )
    assert faults(badge.organization) == []


def test_badges_of_a_former_address_are_told(secure: Settings, badge: Badge) -> None:
    secure.PUBLIC_URL = "https://new.example.org"
    assert faults(badge.organization) == [
        (
            "revocations",
            ERROR,
            "Badges were issued under another address, https://badges.example.org: they are looked up there.",
        )
    ]


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([], "Nothing was found that would keep badges from verifying elsewhere."),
        ([OK], "Nothing was found that would keep badges from verifying elsewhere."),
        ([OK, WARNING], "1 thing could be better."),
        ([ERROR], "1 thing must be put right before badges verify everywhere."),
        (
            [ERROR, WARNING, ERROR, WARNING],
            "2 things must be put right before badges verify everywhere. 2 things could be better.",
        ),
    ],
)
def test_summary_counts_what_is_wrong(levels: list[Level], sentence: str) -> None:
    found = [Finding(code="any", level=level, subject="Any", message="Any.") for level in levels]
    assert summary(found) == sentence
