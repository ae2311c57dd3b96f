"""Signing in at an identity provider, as a person does it in a browser, and as others try to do it in their place."""

import html
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from earners.enums import ChallengePurpose
from earners.exceptions import ChallengeOver, TooManyChallenges
from earners.models import AccountEmail, Challenge, EarnerAccount, SignIn
from earners.services import identities, providers
from earners.services.accounts import close_address
from earners.services.challenges import FROM_CLIENT, make_challenge, use_challenge
from earners.services.identities import WRONG_IDENTITIES
from earners.services.sign_in import KEPT, prune_sign_ins
from organizations.models import RequestCount
from tests.accounts import account_of
from tests.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.mailbox import sign_in_mails
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db
ADA, COUNTESS = "ada@example.org", "countess@example.org"
RETURN = "/me/sign-in/provider/return"
STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    identities.forget_keys()
    providers.forget_metadata()
    WRONG_IDENTITIES._suspects.clear()


@pytest.fixture
def school(settings: Settings) -> Iterator[IdentityProvider]:
    """A provider whose person is Ada."""
    with identity_provider() as running:
        settings.LOGIN_PROVIDERS = [running.setting()]
        settings.PRIVATE_HOSTS = [urlsplit(running.url).netloc]
        yield running


def leave(client: Client, school: IdentityProvider, path: str = "/me/sign-in/provider") -> str:
    """Begin in a browser; return the address of the provider's page, to which it is led."""
    page = client.post(path, {"provider": school.url, "next": "https://evil.example/"})
    assert page.status_code == 200, page.content.decode()
    text = page.content.decode()
    link = re.search(r'<a class="btn btn-primary" href="([^"]+)"', text)
    refresh = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]+)">', text)
    assert link is not None
    assert refresh is not None
    assert link[1] == refresh[1]
    return html.unescape(link[1])


def at_provider(address: str) -> str:
    """Go to the provider's page; return the address, on this server, to which it sends the browser back."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 302
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"http://127.0.0.1:8000{RETURN}"
    return f"{back.path}?{back.query}"


def refused(response: Any) -> str:
    """Return what a page says was refused."""
    assert response.status_code == 400
    assert response["Cache-Control"] == "private, no-store"
    text = re.search(r"</h1>\s*<p>(.*?)</p>", response.content.decode(), re.DOTALL)
    assert text is not None
    return html.unescape(text[1])


def is_in(client: Client) -> bool:
    """Whether the browser sees an account."""
    return client.get("/me").status_code == 200


def signed_in(email: str) -> Client:
    """Return a browser in which an address is signed in, by mail."""
    client = Client()
    client.post("/me/sign-in", {"email": email})
    client.get(sign_in_mails()[-1].path)
    return client


def test_provider_signs_in_and_makes_the_account(school: IdentityProvider) -> None:
    client = Client()
    assert b"Sign in with Example School" in client.get("/me/sign-in").content

    address = leave(client, school)
    response = client.get(at_provider(address))

    asked = parse_qs(urlsplit(address).query)
    assert {
        name: value for name, value in asked.items() if name not in {"state", "nonce", "code_challenge"}
    } == {
        "theme": ["school"],
        "response_type": ["code"],
        "client_id": [CLIENT],
        "redirect_uri": [f"http://127.0.0.1:8000{RETURN}"],
        "scope": ["openid email"],
        "code_challenge_method": ["S256"],
    }
    assert (response.status_code, response["Location"]) == (302, "/me")
    assert is_in(client)
    address_row = AccountEmail.objects.get()
    assert (address_row.email, address_row.signs_in) == (ADA, True)


def test_provider_opens_the_account_of_the_address(school: IdentityProvider) -> None:
    account = account_of(COUNTESS, ADA)
    client = Client()

    client.get(at_provider(leave(client, school)))

    assert client.session["earner_account"] == [str(account.uuid), 0]
    assert EarnerAccount.objects.count() == 1


def test_provider_adds_an_address_to_the_account_that_is_signed_in(school: IdentityProvider) -> None:
    client = signed_in(COUNTESS)
    assert b"Add your address at Example School" in client.get("/me/account").content

    response = client.get(at_provider(leave(client, school, "/me/account/addresses/provider")))

    assert (response.status_code, response["Location"]) == (302, "/me/account")
    assert sorted(EarnerAccount.objects.get().emails.values_list("email", flat=True)) == [ADA, COUNTESS]


def test_address_is_added_where_its_account_is_signed_in_alone(school: IdentityProvider) -> None:
    client = signed_in(COUNTESS)
    back = at_provider(leave(client, school, "/me/account/addresses/provider"))
    client.post("/me/sign-out")

    assert "begin again" in refused(client.get(back))
    assert not AccountEmail.objects.filter(email=ADA).exists()
    assert (
        Client().post("/me/account/addresses/provider", {"provider": school.url})["Location"] == "/me/sign-in"
    )


@pytest.mark.parametrize("verified", [True, False])
def test_address_may_stand_beside_the_token_alone(school: IdentityProvider, verified: bool) -> None:
    school.claims = {"email": None, "email_verified": None}
    school.told = {"sub": "person-1", "email": ADA, "email_verified": verified}
    client = Client()

    client.get(at_provider(leave(client, school)))

    assert is_in(client) is verified


def test_secret_is_sent_as_the_provider_takes_it(school: IdentityProvider) -> None:
    first = Client()
    first.get(at_provider(leave(first, school)))
    providers.forget_metadata()
    school.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    second = Client()
    second.get(at_provider(leave(second, school)))

    assert (is_in(first), is_in(second)) == (True, True)
    assert [form.get("client_secret") for form in school.exchanged] == [None, SECRET]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"claims": {"nonce": "another"}}, "not to what was asked"),
        ({"claims": {"nonce": None}}, "not to what was asked"),
        ({"claims": {"aud": "another"}}, "The token is not good"),
        ({"claims": {"aud": [CLIENT, "another"]}}, "for another program"),
        ({"claims": {"azp": "another"}}, "for another program"),
        ({"claims": {"iss": "https://other.example"}}, "The token is not good"),
        ({"claims": {"exp": 1}}, "The token is not good"),
        ({"claims": {"exp": None}}, "The token is not good"),
        ({"claims": {"iat": int(time.time()) - 3600}}, "too old"),
        ({"claims": {"email_verified": False}}, "does not say that it verified"),
        ({"claims": {"email_verified": "true"}}, "does not say that it verified"),
        ({"claims": {"email_verified": None}}, "does not say that it verified"),
        ({"claims": {"email": "nothing"}}, "address"),
        (
            {"claims": {"email": None}, "told": {"sub": "another", "email": ADA, "email_verified": True}},
            "verified",
        ),
        ({"key": STRANGERS_KEY}, "The token is not good"),
        ({"sent_back": {"iss": "https://other.example"}}, "another provider than you chose"),
        ({"sent_back": {"iss": None}}, "another provider than you chose"),
        ({"sent_back": {"code": None}}, "has no code"),
        ({"sent_back": {"code": "made-up"}}, "status 400"),
        ({"sent_back": {"code": None, "error": "access_denied"}}, "did not let it tell"),
        ({"sent_back": {"error": "<script>", "error_description": "<script>"}}, "did not sign you in (?)"),
        ({"sent_back": {"state": "made-up"}}, "begin again"),
        ({"sent_back": {"state": None}}, "begin again"),
    ],
    ids=str,
)
def test_answer_that_cannot_be_trusted_lets_nobody_in(
    school: IdentityProvider, changes: dict[str, Any], reason: str
) -> None:
    client = Client()
    right = {name: getattr(school, name) for name in changes}
    for name, value in changes.items():
        setattr(school, name, value)

    answer = client.get(at_provider(leave(client, school)))

    assert reason in refused(answer)
    assert b"<script>" not in answer.content
    assert not is_in(client)
    assert not AccountEmail.objects.exists()
    for name, value in right.items():
        setattr(school, name, value)
    client.get(at_provider(leave(client, school)))
    assert is_in(client)


def test_answer_is_good_once_and_in_the_browser_that_was_led_there(school: IdentityProvider) -> None:
    client, other = Client(), Client()
    back = at_provider(leave(client, school))

    other.get("/me/sign-in")
    assert "begun in another browser" in refused(other.get(back))
    leave(other, school)  # has a secret of its own now
    assert "begun in another browser" in refused(other.get(back))
    assert client.head(back).status_code == 200
    assert client.get(back)["Location"] == "/me"
    assert "was done already" in refused(client.get(back))
    assert (is_in(client), is_in(other)) == (True, False)
    assert len(school.exchanged) == 1


def test_answer_that_comes_too_late_is_of_no_use(school: IdentityProvider) -> None:
    client = Client()
    back = at_provider(leave(client, school))

    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert "took too long" in refused(client.get(back))
    assert school.exchanged == []


def test_code_that_was_used_is_told(school: IdentityProvider) -> None:
    client, thief = Client(), Client()
    back = at_provider(leave(client, school))
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert client.get(back)["Location"] == "/me"
    school.sent_back = {"code": code}

    assert "status 400" in refused(thief.get(at_provider(leave(thief, school))))
    assert not is_in(thief)


def test_stolen_code_is_of_no_use_in_another_browser(school: IdentityProvider) -> None:
    code = parse_qs(urlsplit(at_provider(leave(Client(), school))).query)["code"][0]
    thief = Client()
    school.sent_back = {"code": code}

    assert "status 400" in refused(thief.get(at_provider(leave(thief, school))))
    assert not is_in(thief)


def test_provider_speaks_for_its_domains_alone(school: IdentityProvider, settings: Settings) -> None:
    settings.LOGIN_PROVIDERS = [school.setting(domains=("school.example",))]
    client = Client()

    assert "does not speak for" in refused(client.get(at_provider(leave(client, school))))
    assert not AccountEmail.objects.exists()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"issuer": "https://other.example"}, "the sign-in of another one"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "does not understand"),
        ({"authorization_endpoint": None}, "does not understand"),
        ({"token_endpoint": "ftp://127.0.0.1/token"}, "does not understand"),
        ({"jwks_uri": 7}, "does not understand"),
        ({"userinfo_endpoint": "https://name:word@host.example/"}, "does not understand"),
    ],
    ids=str,
)
def test_provider_that_publishes_nonsense_is_not_gone_to(
    school: IdentityProvider, metadata: dict[str, Any], reason: str
) -> None:
    school.metadata = metadata

    assert reason in refused(Client().post("/me/sign-in/provider", {"provider": school.url}))

    assert not Challenge.objects.exists()
    school.metadata = {}
    answer = Client().post("/me/sign-in/provider", {"provider": school.url})
    assert "cannot be asked just now" in refused(answer), "for a while it is not asked again"
    providers.forget_metadata()
    leave(Client(), school)


def test_provider_is_asked_at_public_addresses_alone(school: IdentityProvider, settings: Settings) -> None:
    settings.PRIVATE_HOSTS = []

    answer = refused(Client().post("/me/sign-in/provider", {"provider": school.url}))

    assert answer.startswith("Example School is not to be reached")
    assert not Challenge.objects.exists()


def test_provider_is_one_that_is_registered_for_browsers(
    school: IdentityProvider, settings: Settings
) -> None:
    for_programs = school.setting(client_id="", client_secret="", audience="laurel")
    for registered in ([for_programs], []):
        settings.LOGIN_PROVIDERS = registered
        page = Client().get("/me/sign-in").content
        assert b"Example School" not in page
        assert "signs nobody in here" in refused(
            Client().post("/me/sign-in/provider", {"provider": school.url})
        )
    client = Client(enforce_csrf_checks=True)
    assert client.post("/me/sign-in/provider", {"provider": school.url}).status_code == 403
    assert client.get("/me/sign-in/provider").status_code == 405


def test_token_for_a_browser_opens_nothing_to_a_program(school: IdentityProvider, settings: Settings) -> None:
    client = Client()
    client.get(at_provider(leave(client, school)))
    body, codes = {"jwt": school.issued[0]}, []

    for audience in ("", "for programs", CLIENT):
        settings.LOGIN_PROVIDERS = [school.setting(audience=audience)]
        answer = Client().post("/api/v2/LoginWithJWT", body, content_type="application/json")
        codes.append(answer.json()["resultCode"])

    assert codes == [-13, -13, 0]


def test_closed_address_is_let_in_by_no_provider(school: IdentityProvider) -> None:
    account = account_of(ADA, COUNTESS)
    close_address(account=account, address=account.emails.get(email=ADA).pk)
    client = Client()

    assert "signs in no longer" in refused(client.get(at_provider(leave(client, school))))
    assert not is_in(client)
    assert EarnerAccount.objects.count() == 1


def test_secrets_of_a_challenge_are_not_kept(school: IdentityProvider) -> None:
    client = Client()
    asked = parse_qs(urlsplit(leave(client, school)).query)
    cookie = client.cookies["laurel_sign_in"]

    kept = {str(value) for value in Challenge.objects.values().get().values()}

    assert Challenge.objects.get().uuid == UUID(hex=asked["state"][0])
    assert not kept & {asked["nonce"][0], asked["code_challenge"][0], cookie.value.split(":")[0]}
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/me")


def test_client_that_begins_too_often_is_refused(school: IdentityProvider) -> None:
    make_challenge(purpose=ChallengePurpose.PASSKEY, browser="b", client="192.0.2.1")
    RequestCount.objects.filter(client__startswith="challenges-of").update(requests=FROM_CLIENT)

    with pytest.raises(TooManyChallenges) as refusal:
        make_challenge(purpose=ChallengePurpose.PASSKEY, browser="b", client="192.0.2.1")

    assert 1 <= refusal.value.retry_after <= 600
    assert Challenge.objects.count() == 1
    make_challenge(purpose=ChallengePurpose.PASSKEY, browser="b", client="192.0.2.2")


@pytest.mark.parametrize(
    "values",
    [{"purpose": "another"}, {"purpose": "new_passkey"}, {"purpose": "provider", "issuer": ""}],
    ids=str,
)
def test_challenge_is_whole(values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        Challenge.objects.create(browser_digest="d", expires_at=timezone.now(), **values)


def test_old_challenges_go_with_old_mails() -> None:
    old, new = (make_challenge(purpose=ChallengePurpose.PASSKEY, browser="b", client=None) for _ in "12")
    Challenge.objects.filter(pk=old.pk).update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    SignIn.objects.create(
        purpose="browser", email=ADA, email_key=ADA, language="en", expires_at=timezone.now()
    )
    SignIn.objects.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))

    assert prune_sign_ins() == 2
    assert list(Challenge.objects.all()) == [new]


def test_challenge_of_no_browser_is_of_no_use() -> None:
    challenge = make_challenge(purpose=ChallengePurpose.PASSKEY, browser="b", client=None)

    for uuid, browser in ((challenge.uuid, ""), (challenge.uuid, "c"), (uuid4(), "b")):
        with pytest.raises(ChallengeOver):
            use_challenge(uuid=uuid, purpose=ChallengePurpose.PASSKEY, browser=browser, account=None)
    use_challenge(uuid=challenge.uuid, purpose=ChallengePurpose.PASSKEY, browser="b", account=None)


@pytest.mark.django_db(transaction=True)
def test_challenge_is_used_once_by_many_at_once() -> None:
    challenge = make_challenge(purpose=ChallengePurpose.PASSKEY, browser="b", client=None)

    answers = race(
        lambda _number: use_challenge(
            uuid=challenge.uuid, purpose=ChallengePurpose.PASSKEY, browser="b", account=None
        ),
        times=6,
    )

    assert kinds(answers) == {"Challenge": 1, "ChallengeOver": 5}
