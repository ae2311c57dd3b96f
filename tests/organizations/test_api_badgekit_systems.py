"""Systems, issuers and programs in the BadgeKit API: made, read, changed, put out of use; who may, and what is refused."""

import base64
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import DjangoAssertNumQueries

from badges.models import Badge
from organizations.enums import ApiScope
from organizations.models import Organization, Program, System
from organizations.services.organizations import default_system
from tests import factories
from tests.badgekit import Answer, BadgekitClient
from tests.pictures import png
from tests.racing import race

CITY: dict[str, Any] = {
    "slug": "city-of-bees",
    "name": "City of Bees",
    "url": "https://bees.example",
    "description": "Honey & <wax>, for all.",
    "email": "mayor@bees.example",
}
NOT_FOUND = "ResourceNotFound"


@pytest.fixture
def master(system: System) -> BadgekitClient:
    """A client with the master key; the system `main` is there."""
    return BadgekitClient()


@pytest.fixture
def program(acme: Organization) -> Program:
    """A program of acme's."""
    return factories.ProgramFactory.create(
        organization=acme, slug="evening", name="Evening school", url="https://evening.example"
    )


def with_key(organization: Organization, *scopes: ApiScope) -> dict[str, str]:
    """Return the headers of a program with an API key of the organization."""
    return {"Authorization": f"Bearer {factories.api_key(organization, *scopes)[1]}"}


def upload(client: BadgekitClient, method: str, path: str, fields: dict[str, Any]) -> Answer:
    """Send fields and a PNG called `image` as multipart/form-data."""
    return client.call(method, path, multipart(fields), content_type=MULTIPART_CONTENT)


def multipart(fields: dict[str, Any], content: bytes | None = None, name: str = "picture.png") -> bytes:
    """Return a multipart body with a file."""
    file = SimpleUploadedFile(name, png() if content is None else content)
    return bytes(encode_multipart(BOUNDARY, fields | {"image": file}))


def test_systems_are_made_and_read_back(master: BadgekitClient) -> None:
    made = master.post("/systems", CITY)

    system = System.objects.get(slug="city-of-bees")
    body = {
        "id": system.pk,
        "slug": "city-of-bees",
        "url": "https://bees.example",
        "name": "City of Bees",
        "description": "Honey & <wax>, for all.",
        "email": "mayor@bees.example",
        "imageUrl": None,
        "issuers": [],
    }
    assert (made.status, made.body) == (201, {"status": "created", "system": body})
    assert list(made.body["system"]) == list(body)
    assert master.get("/systems/city-of-bees").body == {"system": body}
    own = system.organizations.get()
    assert (own.is_system_itself, own.name, own.website, own.email, own.description) == (
        True,
        "City of Bees",
        "https://bees.example",
        "mayor@bees.example",
        "Honey &amp; &lt;wax&gt;, for all.",
    )
    assert own.signing_keys.count() == 2


def test_systems_are_listed_with_issuers_and_programs(
    master: BadgekitClient, acme: Organization, program: Program
) -> None:
    answer = master.get("/systems")

    assert answer.status == 200
    [listed] = answer.body["systems"]
    assert "pageData" not in answer.body
    assert listed["issuers"] == [
        {
            "id": acme.pk,
            "slug": "acme",
            "url": "https://organization.example.org",
            "name": "Acme Academy",
            "description": None,
            "email": "badges@organization.example.org",
            "imageUrl": None,
            "programs": [
                {
                    "id": program.pk,
                    "slug": "evening",
                    "url": "https://evening.example",
                    "name": "Evening school",
                    "description": None,
                    "email": None,
                    "imageUrl": None,
                }
            ],
        }
    ]


def test_systems_are_paged(master: BadgekitClient) -> None:
    for number in range(3):
        factories.SystemFactory.create(slug=f"city-{number}")

    answer = master.get("/systems?page=2&count=3")

    assert [row["slug"] for row in answer.body["systems"]] == ["city-2"]
    assert answer.body["pageData"] == {"page": 2, "count": 3, "total": 4}


@pytest.mark.parametrize("more", [0, 2])
def test_systems_are_listed_by_the_same_number_of_queries(
    master: BadgekitClient, acme: Organization, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.ProgramFactory.create(organization=acme)
    for _ in range(more):
        factories.ProgramFactory.create(
            organization=factories.OrganizationFactory.create(system=factories.SystemFactory.create())
        )

    with django_assert_num_queries(3):
        answer = master.get("/systems")

    assert len(answer.body["systems"]) == 1 + more


def test_systems_that_lack_fields_are_refused_field_by_field(master: BadgekitClient) -> None:
    answer = master.post("/systems", {"url": "bees.example", "email": "nobody", "description": "x" * 256})

    assert answer.status == 400
    assert answer.body == {
        "code": "ValidationError",
        "message": "Could not validate required fields",
        "details": [
            {"message": "String is not in range", "field": "slug", "value": ""},
            {"message": "String is not in range", "field": "name", "value": ""},
            {"message": "Invalid URL", "field": "url", "value": "bees.example"},
            {"message": "String is not in range", "field": "description", "value": "x" * 256},
            {"message": "Invalid email", "field": "email", "value": "nobody"},
        ],
    }
    assert System.objects.count() == 1


@pytest.mark.parametrize("slug", ["", "a b", "a/b", "é", "x" * 256, "a.b", "%2e%2e"])
def test_slugs_that_do_not_fit_into_addresses_are_refused(master: BadgekitClient, slug: str) -> None:
    answer = master.post("/systems", CITY | {"slug": slug})

    assert (answer.status, [part["field"] for part in answer.body["details"]]) == (400, ["slug"])
    assert System.objects.count() == 1


@pytest.mark.parametrize("slug", ["random", "bulk", "issuers", "A", "x" * 255, "_", "-", "0"])
def test_slugs_may_be_any_word(master: BadgekitClient, slug: str) -> None:
    assert master.post("/systems", CITY | {"slug": slug}).status == 201
    assert master.get(f"/systems/{slug}").body["system"]["slug"] == slug


@pytest.mark.parametrize(
    ("path", "kind"), [("/systems", "system"), ("/systems/main/issuers", "issuer")], ids=["system", "issuer"]
)
def test_a_taken_slug_is_a_conflict(master: BadgekitClient, path: str, kind: str) -> None:
    assert master.post(path, CITY).status == 201

    answer = master.post(path, CITY | {"name": "Another", "id": 7, "systemId": 8})

    sentence = f"{kind} with that `slug` already exists"
    assert (answer.status, answer.body) == (
        409,
        {
            "code": "ResourceConflict",
            "error": sentence,
            "message": sentence,
            "details": CITY | {"name": "Another"},
        },
    )
    assert not Organization.objects.filter(name="Another").exists()


@pytest.mark.parametrize("encoding", ["json", "form", "multipart"])
def test_systems_are_made_in_three_encodings(master: BadgekitClient, encoding: str) -> None:
    if encoding == "json":
        answer = master.post("/systems", CITY)
    elif encoding == "form":
        body = "slug=city-of-bees&name=City+of+Bees&url=https%3A%2F%2Fbees.example&email=mayor%40bees.example"
        answer = master.call(
            "POST", "/systems", body.encode(), content_type="application/x-www-form-urlencoded"
        )
    else:
        answer = upload(master, "POST", "/systems", CITY)

    assert answer.status == 201
    assert answer.body["system"]["name"] == "City of Bees"
    assert (answer.body["system"]["imageUrl"] is not None) == (encoding == "multipart")


def test_a_system_changes_with_the_organization_that_stands_for_it(
    master: BadgekitClient, system: System
) -> None:
    answer = master.put("/systems/main", {"name": "Main & more", "email": "new@main.example"})

    assert (answer.status, answer.body["status"]) == (200, "updated")
    assert answer.body["system"]["name"] == "Main & more"
    own = system.organizations.get(is_system_itself=True)
    assert (own.name, own.email) == ("Main & more", "new@main.example")


@pytest.mark.parametrize("path", ["/systems/main", "/systems/main/issuers/acme"])
def test_what_was_read_can_be_sent_back_as_it_is(
    master: BadgekitClient, acme: Organization, program: Program, path: str
) -> None:
    acme.description = "<p>Long <strong>HTML</strong> of the browser.</p>" + "<p>x</p>" * 300
    acme.save()
    assert upload(master, "PUT", path, {}).status == 200
    kind, read = next(iter(master.get(path).body.items()))
    before = list(Organization.objects.order_by("pk").values("name", "description", "logo", "website"))

    answer = master.put(path, read)

    assert (answer.status, answer.body) == (200, {"status": "updated", kind: read})
    assert before == list(
        Organization.objects.order_by("pk").values("name", "description", "logo", "website")
    )


@pytest.mark.parametrize(
    "path", ["/systems/main", "/systems/main/issuers/acme", "/systems/main/issuers/acme/programs/evening"]
)
def test_a_slug_cannot_be_changed_and_ids_are_ignored(
    master: BadgekitClient, acme: Organization, program: Program, path: str
) -> None:
    answer = master.put(path, {"slug": "other", "name": "Other"})

    assert (answer.status, answer.body["details"][0]["field"]) == (400, "slug")
    ignored = {"id": 99, "systemId": 99, "issuerId": 99, "is_system_itself": True, "status": "disabled"}
    assert master.put(path, ignored).status == 200
    assert master.get(path).status == 200
    acme.refresh_from_db()
    assert (acme.name, acme.is_system_itself, acme.status) == ("Acme Academy", False, "enabled")


def test_null_clears_what_need_not_be_there_and_nothing_else(
    master: BadgekitClient, program: Program
) -> None:
    path = "/systems/main/issuers/acme/programs/evening"
    master.put(path, {"description": "At night.", "email": "night@evening.example"})

    cleared = master.put(path, {"description": None, "email": None})
    refused = master.put(path, {"name": None, "url": None})

    assert (cleared.body["program"]["description"], cleared.body["program"]["email"]) == (None, None)
    assert (refused.status, [part["field"] for part in refused.body["details"]]) == (400, ["name", "url"])


def test_issuers_and_programs_are_made_and_read_back(master: BadgekitClient) -> None:
    issuer = master.post("/systems/main/issuers", CITY | {"slug": "library"})
    program = master.post(
        "/systems/main/issuers/library/programs", CITY | {"slug": "summer", "description": "one\ntwo"}
    )

    assert (issuer.status, program.status) == (201, 201)
    assert list(issuer.body["issuer"]) == [
        *("id", "slug", "url", "name", "description", "email", "imageUrl", "programs")
    ]
    assert issuer.body["issuer"]["description"] == "Honey & <wax>, for all."
    shown = program.body["program"]
    assert shown == CITY | {
        "id": shown["id"],
        "slug": "summer",
        "description": "one\ntwo",
        "imageUrl": None,
    }
    assert master.get("/systems/main/issuers/library/programs").body == {"programs": [shown]}
    assert master.get("/systems/main/issuers/library/programs/summer").body == {"program": shown}
    assert master.get("/systems/main/issuers/library").body["issuer"]["programs"] == [shown]
    assert [row["slug"] for row in master.get("/systems/main/issuers").body["issuers"]] == ["library"]


@pytest.mark.parametrize("path", ["/systems/main", "/systems/main/issuers/acme"])
def test_a_deleted_thing_is_gone_and_its_slug_stays_taken(
    master: BadgekitClient, acme: Organization, badge: Badge, path: str
) -> None:
    read = next(iter(master.get(path).body.values()))
    parent, _, slug = path.rpartition("/")

    deleted = master.delete(path)

    kind = "system" if slug == "main" else "issuer"
    assert (deleted.status, deleted.body) == (200, {"status": "deleted", kind: read})
    for answer in (
        master.get(path),
        master.delete(path),
        master.put(path, {"name": "x"}),
        master.get(f"{path}/badges"),
    ):
        assert (answer.status, answer.body) == (
            404,
            {"code": NOT_FOUND, "message": f"Could not find {kind} field: `slug`, value: `{slug}`"},
        )
    assert master.post(parent, CITY | {"slug": slug}).status == 409
    assert master.client.get(badge.public_path, headers={"Accept": "text/html"}).status_code == 200


def test_a_deleted_program_leaves_its_badges_to_the_issuer(
    master: BadgekitClient, acme: Organization, program: Program
) -> None:
    template = factories.template(acme, program=program)
    path = "/systems/main/issuers/acme"

    assert master.delete(f"{path}/programs/evening").status == 200

    assert master.get(f"{path}/programs/evening/badges/{template.slug}").status == 404
    left = master.get(f"{path}/badges/{template.slug}")
    assert (left.status, "program" in left.body["badge"]) == (200, False)
    assert master.post(f"{path}/badges/{template.slug}/codes", {"code": "night"}).status == 201
    assert master.get(f"{path}/badges/{template.slug}/codes/night").status == 200
    assert master.get(f"{path}/programs/evening/codes/night").status == 404
    assert master.get(f"{path}/programs").body == {"programs": []}


def test_a_new_organization_does_not_join_a_deleted_system(master: BadgekitClient, system: System) -> None:
    assert default_system() == system

    master.delete("/systems/main")

    assert default_system() != system


def test_a_consumer_acts_in_its_own_system_alone(system: System, acme: Organization) -> None:
    other = factories.SystemFactory.create(slug="other")
    factories.OrganizationFactory.create(system=other, slug="theirs", name="Theirs")
    consumer = BadgekitClient.of(system)

    refused = [
        consumer.get("/systems"),
        consumer.post("/systems", CITY),
        consumer.get("/systems/other"),
        consumer.put("/systems/other/issuers/theirs", {"name": "Mine"}),
        consumer.delete("/systems/other"),
    ]

    assert {answer.status for answer in refused} == {403}
    assert {answer.body["message"] for answer in refused} == {"Invalid token for system"}
    assert Organization.objects.get(slug="theirs").name == "Theirs"
    assert consumer.get("/systems/main/issuers/theirs").status == 404
    assert consumer.put("/systems/main/issuers/acme", {"name": "Acme!"}).body["issuer"]["name"] == "Acme!"


def test_an_api_key_acts_in_its_own_issuer_alone(
    master: BadgekitClient, acme: Organization, globex: Organization
) -> None:
    headers = with_key(acme)

    allowed = [
        master.get("/systems/main/issuers/acme", headers),
        master.put("/systems/main/issuers/acme", {"name": "Acme!"}, headers),
        master.post("/systems/main/issuers/acme/programs", CITY, headers),
        master.delete("/systems/main/issuers/acme/programs/city-of-bees", headers),
    ]
    refused = [
        master.get("/systems", headers),
        master.post("/systems", CITY, headers),
        master.get("/systems/main", headers),
        master.put("/systems/main", {"name": "Mine"}, headers),
        master.get("/systems/main/issuers", headers),
        master.post("/systems/main/issuers", CITY, headers),
        master.delete("/systems/main/issuers/acme", headers),
    ]

    assert [answer.status for answer in allowed] == [200, 200, 201, 200]
    assert [answer.status for answer in refused] == [403] * 7
    for answer in (
        master.get("/systems/main/issuers/globex", headers),
        master.put("/systems/main/issuers/globex", {"name": "Mine"}, headers),
        master.delete("/systems/main/issuers/globex", headers),
    ):
        assert answer.status == 404
    globex.refresh_from_db()
    assert (globex.name, globex.archived_at) == ("Globex College", None)


def test_an_api_key_of_the_system_itself_is_told_of_no_issuer(
    master: BadgekitClient, system: System, acme: Organization
) -> None:
    factories.template(acme)
    headers = with_key(system.organizations.get(is_system_itself=True))

    assert master.get("/systems/main", headers).body["system"]["issuers"] == []
    assert master.get("/systems/main/badges", headers).body == {"badges": []}
    assert master.get("/systems/main/issuers/acme", headers).status == 404


def test_an_api_key_needs_the_scope_of_the_act(master: BadgekitClient, acme: Organization) -> None:
    headers = with_key(acme, ApiScope.READ)

    answer = master.put("/systems/main/issuers/acme", {"name": "Acme!"}, headers)

    assert (answer.status, answer.body["message"]) == (403, "This API key lacks the scope: write")
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


def test_pictures_are_uploaded_replaced_and_shown(master: BadgekitClient, system: System) -> None:
    first = upload(master, "PUT", "/systems/main", {"name": "Main"})
    own = system.organizations.get(is_system_itself=True)
    old = own.logo.name

    second = upload(master, "PUT", "/systems/main", {})

    own.refresh_from_db()
    url = f"{settings.PUBLIC_URL}/public/issuers/{own.uuid}/logo.png"
    assert first.body["system"]["imageUrl"] == second.body["system"]["imageUrl"] == url
    shown = master.client.get(url.removeprefix(settings.PUBLIC_URL))
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert own.logo.name != old
    assert default_storage.exists(str(own.logo.name))


def test_a_program_shows_its_picture(master: BadgekitClient, program: Program) -> None:
    data = f"data:image/png;base64,{base64.b64encode(png()).decode()}"

    answer = master.put("/systems/main/issuers/acme/programs/evening", {"image": data})

    program.refresh_from_db()
    assert answer.body["program"]["imageUrl"] == f"{settings.PUBLIC_URL}/media/{program.image.name}"
    assert default_storage.exists(str(program.image.name))


@pytest.mark.parametrize(
    "image",
    [
        "http://127.0.0.1/logo.png",
        "http://localhost:8000/logo.png",
        "http://169.254.169.254/latest/meta-data/",
        "ftp://pictures.example/logo.png",
        "file:///etc/passwd",
        "logo.png",
        "data:image/png;base64,%%%",
        "data:image/png;base64,bm90IGEgcGljdHVyZQ==",
        "data:text/html,<script>",
        7,
        {"path": "/etc/passwd"},
        ["a", "b"],
    ],
)
def test_pictures_that_cannot_be_had_are_refused(
    master: BadgekitClient, system: System, image: object
) -> None:
    answer = master.put("/systems/main", {"name": "Changed", "image": image})

    assert (answer.status, answer.body["code"]) == (400, "ValidationError")
    assert [part["field"] for part in answer.body["details"]] == ["image"]
    system.refresh_from_db()
    assert system.name == "Main"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "logo.svg"),
        (b"GIF89a" + b"\0" * 100, "logo.png"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "logo.png"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 6 * 1024 * 1024, "logo.png"),
        (png()[:16] + b"\0\0\xc3\x50" * 2 + png()[24:], "logo.png"),
    ],
    ids=["svg", "gif", "broken", "6 MiB", "50,000 by 50,000 pixels"],
)
def test_files_that_are_no_pictures_are_refused(
    master: BadgekitClient, system: System, content: bytes, name: str
) -> None:
    body = multipart({"name": "Changed"}, content, name)

    answer = master.call("PUT", "/systems/main", body, content_type=MULTIPART_CONTENT)

    assert (answer.status, answer.body["details"][0]["field"]) == (400, "image")
    system.refresh_from_db()
    assert system.name == "Main"


def test_empty_fields_of_a_form_are_none(master: BadgekitClient) -> None:
    made = master.post("/systems", CITY | {"email": "", "description": "", "image": ""})

    assert made.status == 201
    assert [made.body["system"][name] for name in ("email", "description", "imageUrl")] == [None] * 3


@pytest.mark.parametrize("path", ["/systems/main/none//x", "/systems//x/y/z/", "/systems/main//none//"])
def test_slashes_lead_no_unknown_path_in_circles(master: BadgekitClient, path: str) -> None:
    answer = master.get(path)

    assert (answer.status, answer.body["code"]) == (404, NOT_FOUND)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_system() -> None:
    answers = race(lambda _number: BadgekitClient().post("/systems", CITY).status, times=4)

    assert sorted(map(str, answers)) == ["201", "409", "409", "409"]
    assert Organization.objects.filter(slug="city-of-bees").count() == 1
