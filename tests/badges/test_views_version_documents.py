"""A template version's documents and pictures at their public addresses."""

import json
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion
from badges.services.templates import archive_template, publish_template, update_template
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey
from organizations.pictures import prepare_picture, rendition_names, store_picture
from tests import factories

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90"><circle cx="45" cy="45" r="40" fill="#1d6b50"/></svg>'
ADDRESSES = (".json", ".ob3.json", "/image.png", "/image.svg")


def version_of(template: BadgeTemplate) -> BadgeTemplateVersion:
    return BadgeTemplateVersion.objects.select_related("template").get(pk=template.current_version_id or 0)


def png(colour: str = "#1d6b50") -> bytes:
    written = BytesIO()
    Image.new("RGB", (80, 80), colour).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    "accept", ["application/ld+json", "application/json", "application/ld+json, text/html;q=0.5"]
)
def test_version_is_answered_as_badge_class(client: Client, badge: Badge, accept: str) -> None:
    version = badge.version
    response = client.get(version.public_path, headers={"accept": accept})
    assert response["Content-Type"] == accept.partition(",")[0]
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.json() == {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "BadgeClass",
        "id": version.public_url,
        "name": "Data literacy",
        "description": "Reads and questions data.",
        "image": f"{version.public_url}/image.png",
        "criteria": {"narrative": "Finish the **course** and the project."},
        "issuer": badge.organization.public_url,
        "tags": ["data"],
        "@language": "en",
        "version": "1",
    }
    assert client.get(f"{version.public_path}.json").content == response.content


@pytest.mark.parametrize("accept", ["application/vc+ld+json", "application/vc"])
def test_version_is_answered_as_achievement(client: Client, badge: Badge, accept: str) -> None:
    version = badge.version
    response = client.get(version.public_path, headers={"accept": accept})
    assert response["Content-Type"] == accept
    assert json.loads(response.content) == {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": version.public_url,
        "type": ["Achievement"],
        "achievementType": "Badge",
        "name": "Data literacy",
        "description": "Reads and questions data.",
        "criteria": {"narrative": "Finish the **course** and the project."},
        "image": {"id": f"{version.public_url}/image.png", "type": "Image"},
        "tag": ["data"],
        "inLanguage": "en",
        "version": "1",
    }
    assert client.get(f"{version.public_path}.ob3.json").content == response.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_version_is_there_when_published_or_issued_from(
    client: Client, template: BadgeTemplate, address: str
) -> None:
    path = version_of(template).public_path + address
    refused = client.get(path)
    assert (refused.status_code, refused["Content-Type"]) == (404, "application/json")
    assert b"literacy" not in refused.content
    publish_template(template=template, by=None)
    assert client.get(path).status_code == 200
    assert client.get(path)["Cache-Control"] == "public, max-age=60, must-revalidate"
    update_template(template=template, fields={"is_published": False}, by=None)
    assert client.get(path).status_code == 404
    factories.badge(template)
    archive_template(template=template, by=None)
    assert client.get(path).status_code == 200
    assert client.get(path)["Cache-Control"] == "public, max-age=31536000, immutable"


def test_sealed_version_stays_when_the_template_changes(client: Client, badge: Badge) -> None:
    before = client.get(f"{badge.version.public_path}.json").content
    template = update_template(template=badge.template, fields={"title": "Data mastery"}, by=None)
    assert client.get(f"{badge.version.public_path}.json").content == before
    assert client.get(f"{version_of(template).public_path}.json").status_code == 404
    publish_template(template=template, by=None)
    assert client.get(f"{version_of(template).public_path}.json").json()["name"] == "Data mastery"


def test_template_is_answered_as_its_current_version(client: Client, template: BadgeTemplate) -> None:
    assert client.get(template.public_path, headers={"accept": "application/ld+json"}).status_code == 404
    publish_template(template=template, by=None)
    version = version_of(template)
    for accept, suffix in (("application/ld+json", ".json"), ("application/vc", ".ob3.json")):
        response = client.get(template.public_path, headers={"accept": accept})
        assert response["Content-Type"] == accept
        assert response["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert response.content == client.get(version.public_path + suffix).content
        assert response.content == client.get(template.public_path + suffix).content


def test_words_that_laurel_adds_are_in_the_versions_language(client: Client, acme: Organization) -> None:
    template = factories.template(acme, criteria=[{"description": "Consegna il progetto", "required": True}])
    publish_template(template=template, by=None)
    path = f"{version_of(template).public_path}.json"
    english = client.get(path, headers={"accept-language": "en"})
    assert client.get(path, headers={"accept-language": "it"}).content == english.content


def test_picture_that_laurel_brings_is_answered_as_both(client: Client, badge: Badge) -> None:
    picture = client.get(f"{badge.version.public_path}/image.png")
    assert picture["Content-Type"] == "image/png"
    assert Image.open(BytesIO(picture.content)).size == (600, 600)
    drawing = client.get(f"{badge.version.public_path}/image.svg")
    assert drawing["Content-Type"] == "image/svg+xml"
    assert drawing["Content-Security-Policy"].endswith("sandbox")


def test_own_picture_is_answered_and_known_by_its_name(client: Client, acme: Organization) -> None:
    name = store_picture(prepare_picture(png(), allow_svg=True), folder="templates")
    badge = factories.badge(factories.template(acme, image=name))
    path = f"{badge.version.public_path}/image.png"
    response = client.get(path)
    with default_storage.open(name) as file:
        assert response.content == file.read()
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, headers={"if-none-match": response["ETag"]}).status_code == 304
    assert client.get(f"{badge.version.public_path}/image.svg").status_code == 404


def test_own_drawing_is_answered_as_svg(client: Client, acme: Organization) -> None:
    name = store_picture(prepare_picture(SVG, allow_svg=True), folder="templates")
    badge = factories.badge(factories.template(acme, image=name))
    response = client.get(f"{badge.version.public_path}/image.svg")
    with default_storage.open(rendition_names(name).svg) as file:
        assert response.content == file.read()
    picture = client.get(f"{badge.version.public_path}/image.png")
    assert picture["ETag"] != response["ETag"]


def test_lost_picture_is_404(client: Client, acme: Organization) -> None:
    name = store_picture(prepare_picture(png("#b7791f"), allow_svg=True), folder="templates")
    badge = factories.badge(factories.template(acme, image=name))
    default_storage.delete(name)
    response = client.get(f"{badge.version.public_path}/image.png")
    assert (response.status_code, response.json()) == (404, {"message": "There is no document here."})


def test_version_as_signed_by_a_key_leads_to_the_profile_of_that_key(
    client: Client, template: BadgeTemplate, globex: Organization
) -> None:
    badge = factories.badge(template)
    own, others = (
        SigningKey.objects.get(organization=organization, algorithm=KeyAlgorithm.RSA)
        for organization in (template.organization, globex)
    )
    body = client.get(f"{badge.version.public_path}/keys/{own.uuid}.json").json()
    assert body["id"] == f"{badge.version.public_url}/keys/{own.uuid}.json"
    assert body["issuer"] == f"{template.organization.public_url}/keys/{own.uuid}/profile.json"
    assert client.get(f"{badge.version.public_path}/keys/{others.uuid}.json").status_code == 404
