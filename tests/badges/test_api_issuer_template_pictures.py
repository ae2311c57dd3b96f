"""Pictures of badge templates in the issuer API: with the template or by themselves, kept or gone together with its row."""

import io
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from badges.models import BadgeTemplate
from organizations.models import Organization
from tests import factories
from tests.api import Api, golden
from tests.pictures import png
from tests.racing import race

TEMPLATES = "/badge_templates"
FIELDS = {"title": "Sharks", "type": "participation"}
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><script>bad()</script>'
    b'<circle cx="5" cy="5" r="4" fill="red"/></svg>'
)
SIZES = ("", "_high", "_thumbnail")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    """An empty place for files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    kind = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = settings.STORAGES | {"default": kind}
    return tmp_path / "media"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def upload(content: bytes = b"", name: str = "badge.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or png(), kind)


def files(media: Path) -> list[str]:
    """Return what is stored."""
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def one(template: BadgeTemplate) -> str:
    return f"{TEMPLATES}/{template.uuid}"


def test_post_stores_both_pictures_in_three_sizes(api: Api, acme: Organization, media: Path) -> None:
    response = api.form(
        "POST", TEMPLATES, FIELDS | {"image": upload(), "background_image": upload(png(color="#ffffff"))}
    )

    assert response.status_code == 201
    data = response.json()["data"]
    folder = f"http://127.0.0.1:8000/media/organizations/{acme.uuid}/badge-templates-images/"
    for thing in ("image", "background_image"):
        stem = data[f"{thing}_path"].removesuffix(".png")
        assert stem.startswith(folder)
        assert [data[f"{thing}{size}_path"] for size in SIZES] == [f"{stem}{size}.png" for size in SIZES]
    assert len(files(media)) == 6
    golden("badge_template_with_pictures", response.json())
    served = api.client.get(data["image_high_path"].removeprefix("http://127.0.0.1:8000"))
    assert Image.open(io.BytesIO(b"".join(served))).size == (40, 30)


def test_post_takes_a_picture_with_an_idempotency_key_once(api: Api, acme: Organization, media: Path) -> None:
    first = api.form("POST", TEMPLATES, FIELDS | {"image": upload()}, Idempotency_Key="k")
    second = api.form("POST", TEMPLATES, FIELDS | {"image": upload()}, Idempotency_Key="k")
    other = api.form("POST", TEMPLATES, FIELDS | {"image": upload(png(50, 50))}, Idempotency_Key="k")

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == second.json()
    assert (BadgeTemplate.objects.count(), len(files(media))) == (1, 3)


def test_image_takes_an_svg_and_a_background_takes_none(
    api: Api, template: BadgeTemplate, media: Path
) -> None:
    taken = api.form("POST", f"{one(template)}/image", {"image": upload(SVG, "b.svg", "image/svg+xml")})
    refused = api.form(
        "POST",
        f"{one(template)}/background_image",
        {"background_image": upload(SVG, "b.svg", "image/svg+xml")},
    )

    assert (taken.status_code, refused.status_code) == (200, 422)
    assert list(refused.json()["errors"]) == ["background_image"]
    name = next(name for name in files(media) if name.endswith(".svg"))
    assert len(files(media)) == 4
    with default_storage.open(
        f"organizations/{template.organization.uuid}/badge-templates-images/{name}"
    ) as file:
        assert b"script" not in file.read()


@pytest.mark.parametrize(
    ("tail", "fields", "changed"),
    [
        ("image", ["image"], ["image"]),
        ("image", ["background_image"], ["background_image"]),
        ("image", ["image", "background_image"], ["image", "background_image"]),
        ("background_image", ["background_image"], ["background_image"]),
        ("background_image", ["image"], ["background_image"]),
    ],
)
def test_picture_is_changed_by_either_path(
    api: Api, template: BadgeTemplate, media: Path, tail: str, fields: list[str], changed: list[str]
) -> None:
    before = api.get(TEMPLATES).json()["data"][0]

    response = api.form("POST", f"{one(template)}/{tail}", {field: upload() for field in fields})

    assert response.status_code == 200
    after = response.json()["data"]
    different = {key for key in before if before[key] != after[key]}
    assert different == {"updated_at", *(f"{field}{size}_path" for field in changed for size in SIZES)}
    assert len(files(media)) == 3 * len(changed)


def test_put_takes_pictures_too(api: Api, template: BadgeTemplate) -> None:
    response = api.form("POST", one(template), {"_method": "PUT", "title": "Sharks", "image": upload()})

    assert response.status_code == 200
    data = response.json()["data"]
    assert data["title"] == "Sharks"
    assert "/badge-templates-images/" in data["image_path"]


def test_new_picture_after_the_first_badge_makes_a_version(
    api: Api, template: BadgeTemplate, media: Path
) -> None:
    api.form("POST", f"{one(template)}/image", {"image": upload()})
    badge = factories.badge(BadgeTemplate.objects.get())

    data = api.form("POST", f"{one(template)}/image", {"image": upload(png(color="#ffffff"))}).json()["data"]

    assert data["version_code"] == "2"
    badge.version.refresh_from_db()
    assert default_storage.exists(str(badge.version.image))
    assert len(files(media)) == 6


def test_null_picture_changes_nothing_and_delete_takes_it_away(api: Api, template: BadgeTemplate) -> None:
    path = f"{one(template)}/image"
    before = api.form("POST", path, {"image": upload()}).json()["data"]

    kept = api.put(one(template), {"image": None}).json()["data"]
    emptied = api.form("POST", one(template), {"_method": "PUT", "image": ""}).json()["data"]
    gone = api.delete(path)

    assert kept["image_path"] == emptied["image_path"] == before["image_path"]
    assert gone.status_code == 204
    assert api.get(one(template)).json()["data"]["image_path"].endswith("/static/badges/default_badge.png")


BOMB = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (100_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
BOMB += zlib.crc32(BOMB[12:29]).to_bytes(4, "big")


@pytest.mark.parametrize(
    "content",
    [
        b"no picture",
        b"\x89PNG\r\n\x1a\n",
        png()[:60],
        BOMB,
        b"GIF89a" + b"\x00" * 50,
        b"<html><body>hello</body></html>",
        b'<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&c;</svg>',
        b"<svg" + b"<g>" * 20_000,
        b"\xff\xd8\xff" + b"\xff\xda" * 100,
        b"RIFF\x00\x00\x00\x00WEBPVP8X",
        png() + b"\x00" * (5 * 1024 * 1024),
    ],
    ids=["text", "header", "half", "bomb", "gif", "html", "entities", "deep", "scans", "webp", "large"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(
    api: Api, template: BadgeTemplate, media: Path, content: bytes
) -> None:
    before = api.get(one(template)).json()

    answers = [
        api.form("POST", TEMPLATES, FIELDS | {"image": upload(content)}),
        api.form("POST", TEMPLATES, FIELDS | {"image": upload(), "background_image": upload(content)}),
        api.form("POST", f"{one(template)}/image", {"image": upload(content)}),
        api.form("POST", one(template), {"_method": "PUT", "image": upload(content), "title": "Other"}),
    ]

    assert [response.status_code for response in answers] == [422] * 4
    assert [list(response.json()["errors"]) for response in answers] == [
        ["image"],
        ["background_image"],
        ["image"],
        ["image"],
    ]
    assert (BadgeTemplate.objects.count(), files(media)) == (1, [])
    assert api.get(one(template)).json() == before


@pytest.mark.parametrize(
    "body", [{}, {"image": ""}, {"image": "text"}, {"background_image": "text"}, {"logo": "x"}]
)
def test_picture_must_be_sent(api: Api, template: BadgeTemplate, body: dict[str, Any]) -> None:
    response = api.form("POST", f"{one(template)}/image", body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) in (["image"], ["background_image"])


def test_refused_template_leaves_no_files(api: Api, acme: Organization, media: Path) -> None:
    response = api.form("POST", TEMPLATES, FIELDS | {"image": upload(), "tags[0]": "a", "tags[1]": "a"})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["tags.1"]
    assert (BadgeTemplate.objects.count(), files(media)) == (0, [])


def test_change_that_is_refused_leaves_no_files(api: Api, template: BadgeTemplate, media: Path) -> None:
    factories.badge(template)
    factories.badge(template, "bea@example.org")

    response = api.form("POST", one(template), {"_method": "PUT", "image": upload(), "limit": "1"})

    assert (response.status_code, list(response.json()["errors"]), files(media)) == (422, ["limit"], [])
    template.refresh_from_db()
    assert template.current_version is not None
    assert (template.current_version.number, str(template.current_version.image)) == (1, "")


def test_archived_template_takes_no_picture(api: Api, template: BadgeTemplate, media: Path) -> None:
    api.delete(one(template))

    response = api.form("POST", f"{one(template)}/image", {"image": upload()})

    assert (response.status_code, files(media)) == (409, [])


def test_another_organizations_template_takes_no_picture(api: Api, globex: Organization, media: Path) -> None:
    foreign = factories.template(globex)

    hidden = api.form("POST", f"{one(foreign)}/image", {"image": upload()})
    absent = api.form("POST", f"{TEMPLATES}/{uuid.uuid4()}/image", {"image": upload()})

    assert (hidden.status_code, hidden.content) == (404, absent.content)
    assert files(media) == []


@pytest.mark.django_db(transaction=True)
def test_race_of_one_idempotency_key_stores_one_picture(media: Path) -> None:
    key = factories.api_key(factories.OrganizationFactory.create())[1]
    uploads = [upload() for _ in range(8)]

    answers = race(
        lambda number: Api(key).form(
            "POST", TEMPLATES, FIELDS | {"image": uploads[number]}, Idempotency_Key="k"
        ),
        times=8,
    )

    assert {(answer.status_code, answer.content) for answer in answers} == {  # type: ignore[union-attr]
        (201, answers[0].content)  # type: ignore[union-attr]
    }
    assert (BadgeTemplate.objects.count(), len(files(media))) == (1, 3)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (
            b"--b\r\nContent-Disposition: form-data; name=image; filename=x.png\r\n\r\nabc",
            "multipart/form-data",
            400,
        ),
        (b"nothing", "multipart/form-data; boundary=b", 422),
        (
            b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\nabc\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            422,
        ),
        (b"\x89PNG", "image/png", 415),
        (b"x" * (13 * 1024 * 1024), "multipart/form-data; boundary=b", 413),
    ],
    ids=["boundary", "empty", "text", "type", "large"],
)
def test_broken_upload_is_refused_and_leaves_nothing(
    api: Api, template: BadgeTemplate, media: Path, content: bytes, kind: str, status: int
) -> None:
    response = api.raw("POST", f"{one(template)}/image", content, kind)

    assert (response.status_code, files(media)) == (status, [])
    template.refresh_from_db()
    assert template.current_version is not None
    assert str(template.current_version.image) == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("user", "kept"), [("nobody", 1), ("a badge", 2), ("a copy", 2)])
def test_replaced_picture_goes_unless_something_has_it(media: Path, user: str, kept: int) -> None:
    acme = factories.OrganizationFactory.create()
    template, api = factories.template(acme), Api(factories.api_key(acme)[1])
    api.form("POST", f"{one(template)}/image", {"image": upload()})
    copy = template
    match user:
        case "a badge":
            factories.badge(BadgeTemplate.objects.get())
        case "a copy":
            copy = BadgeTemplate.objects.get(uuid=api.post(f"{one(template)}/duplicate").json()["data"]["id"])
    before = api.get(one(copy)).json()["data"]["image_path"].rpartition("/")[2]

    after = api.form("POST", f"{one(template)}/image", {"image": upload(png(color="#ffffff"))}).json()

    stored = files(media)
    assert len(stored) == 3 * kept
    assert after["data"]["image_path"].rpartition("/")[2] in stored
    assert (before in stored) is (user != "nobody")


@pytest.mark.django_db(transaction=True)
def test_race_of_copies_and_new_pictures_leaves_each_its_own(media: Path) -> None:
    acme = factories.OrganizationFactory.create()
    template, api = factories.template(acme), Api(factories.api_key(acme)[1])
    api.form("POST", f"{one(template)}/image", {"image": upload()})
    uploads = [upload(png(color=f"#0000{number}0")) for number in range(8)]

    def act(number: int) -> Any:
        if number % 2:
            return api.post(f"{one(template)}/duplicate")
        return api.form("POST", f"{one(template)}/image", {"image": uploads[number]})

    answers = race(act, times=8)

    assert {answer.status_code for answer in answers} == {200, 201}  # type: ignore[union-attr]
    versions = [each.current_version for each in BadgeTemplate.objects.select_related("current_version")]
    names = {str(version.image) for version in versions if version is not None}
    assert len(versions) == 5
    assert all(default_storage.exists(name) for name in names)
    assert len(files(media)) == 3 * len(names)
