"""Programs sign in for a person: by a mailed code, by a link that the person follows, by an identity provider; and out."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from badges.models import Badge
from config.env import LoginProvider
from earners.models import AccountEmail, EarnerAccount, LoginToken, SignIn
from earners.services import identities
from earners.services.identities import WRONG_IDENTITIES
from earners.services.sign_in import TRIES, WRONG_CODES
from earners.services.tokens import WRONG_TOKENS
from tests.accounts import account_of, token_of
from tests.foreign import Site, foreign_site
from tests.mailbox import sign_in_mails

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"
ISSUER, AUDIENCE = "https://id.school.example", "laurel"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
MEMBERS = ["requestID", "requestDateTime", "resultCode", "resultMessage"]


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    identities.forget_keys()
    for brake in (WRONG_CODES, WRONG_TOKENS, WRONG_IDENTITIES):
        brake._suspects.clear()


def post(path: str, body: Any = None) -> dict[str, Any]:
    """Return the body of an answer to a POST below /api/v2."""
    response = Client().post(f"/api/v2/{path}", json.dumps(body or {}), content_type="application/json")
    assert response.status_code == 200
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    answer: dict[str, Any] = response.json()
    return answer


def codes(answer: dict[str, Any]) -> int:
    """Return an answer's result code."""
    return int(answer["resultCode"])


def badges_by(token: str) -> list[str]:
    """Return the badges that a token opens."""
    return [one["badgeID"] for one in Client().get(f"/api/v2/Badges/{token}").json()["badges"]]


def test_code_gives_a_token_once(badge: Badge) -> None:
    asked = post("LoginWithOTP", {"tenant": "any.example", "userName": "ada", "eMail": ADA})
    sent = sign_in_mails()[-1]

    answer = post(
        "ValidateOTPCode", {"tenant": "any.example", "eMail": "ADA@example.org", "otpCode": sent.code}
    )

    assert (list(asked), codes(asked)) == (MEMBERS, 0)
    assert (list(answer), codes(answer)) == (["newSessionToken", *MEMBERS], 0)
    assert badges_by(answer["newSessionToken"]) == [str(badge.uuid)]
    again = post("ValidateOTPCode", {"eMail": ADA, "otpCode": sent.code})
    assert (list(again), codes(again)) == (MEMBERS, -108)


def test_code_is_guessed_so_often_only_and_the_answers_tell_nothing() -> None:
    account_of("known@example.org")
    for email in ("known@example.org", "nobody@example.org"):
        assert codes(post("LoginWithOTP", {"eMail": email})) == 0
        sent = sign_in_mails()[-1]
        found = [
            codes(
                post(
                    "ValidateOTPCode",
                    {"eMail": email, "otpCode": f"{(int(sent.code[:3]) + 1 + n) % 1000:03}000"},
                )
            )
            for n in range(TRIES)
        ]
        assert found == [-107] * TRIES
        assert codes(post("ValidateOTPCode", {"eMail": email, "otpCode": sent.code})) == -108
    assert not LoginToken.objects.exists()
    assert EarnerAccount.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, -12),
        ({"eMail": ""}, -12),
        ({"eMail": 7}, -12),
        ({"eMail": "ada"}, 400),
        ({"eMail": "a\x00@b.example"}, -12),
    ],
)
@pytest.mark.parametrize("path", ["LoginWithOTP", "PwlLogin"])
def test_what_is_no_address_is_refused(path: str, body: dict[str, Any], code: int) -> None:
    assert codes(post(path, body)) == code
    assert not SignIn.objects.exists()


def test_mails_are_few() -> None:
    found = [codes(post("LoginWithOTP", {"eMail": ADA})) for _ in range(4)]

    assert found == [0, 0, 0, -38]


def test_link_lets_the_program_in_after_a_click(badge: Badge) -> None:
    asked = post("PwlLogin", {"tenant": "any.example", "userName": "ada", "eMail": ADA})
    assert list(asked) == ["flowID", *MEMBERS]
    person, sent = Client(), sign_in_mails()[-1]

    page = person.get(sent.path)
    assert b"Let the program in?" in page.content
    assert list(post("PwlLogin", {"flowID": asked["flowID"]})) == ["flowID", *MEMBERS]
    assert b"The program is in" in person.post(sent.path).content
    assert person.get("/me").status_code == 302, "the program was let in, not the browser"
    answer = post("PwlLogin", {"flowID": asked["flowID"]})

    assert list(answer) == ["user", "token", *MEMBERS]
    assert answer["user"] == {"userID": str(EarnerAccount.objects.get().uuid), "eMail": ADA}
    assert badges_by(answer["token"]) == [str(badge.uuid)]
    assert codes(post("PwlLogin", {"flowID": asked["flowID"]})) == -108
    assert person.post(sent.path).status_code == 410


def test_flow_is_nothing_without_its_secret() -> None:
    asked = post("PwlLogin", {"eMail": ADA})["flowID"]
    Client().post(sign_in_mails()[-1].path)
    uuid = SignIn.objects.get().uuid

    for flow in (
        uuid.hex,
        uuid.hex + "0" * 64,
        str(uuid),
        asked[:-1] + "x",
        uuid4().hex + asked[32:],
        "ü" * 96,
    ):
        answer = post("PwlLogin", {"flowID": flow})
        assert (list(answer), codes(answer)) == (MEMBERS, -108)

    assert codes(post("PwlLogin", {"flowID": asked})) == 0


def test_wrong_code_does_not_tell_whether_a_mail_is_under_way() -> None:
    used, spent, waiting = (f"{name}@example.org" for name in ("used", "spent", "waiting"))
    for email in (used, spent, waiting):
        post("LoginWithOTP", {"eMail": email})
    sent = {mail.to: mail.code.replace(" ", "") for mail in sign_in_mails()}
    post("ValidateOTPCode", {"eMail": used, "otpCode": sent[used]})
    SignIn.objects.filter(email=spent).update(tries=TRIES)
    wrong = next(code for code in ("000000", "111111", "222222", "333333") if code not in sent.values())

    answers = [
        post("ValidateOTPCode", {"eMail": email, "otpCode": wrong})
        for email in (used, spent, waiting, "never@example.org", "")
    ]

    assert {(answer["resultCode"], answer["resultMessage"]) for answer in answers} == {
        (-107, "This is not the code that we sent. Compare it with the newest mail.")
    }
    assert codes(post("ValidateOTPCode", {"eMail": spent, "otpCode": sent[spent]})) == -108


def test_code_for_a_browser_gives_no_program_a_token() -> None:
    Client().post("/me/sign-in", {"email": ADA})

    answer = post("ValidateOTPCode", {"eMail": ADA, "otpCode": sign_in_mails()[-1].code})

    assert codes(answer) == -107
    assert not LoginToken.objects.exists()


def test_logout_ends_one_token() -> None:
    token, other = token_of(ADA)[1], token_of(ADA)[1]

    assert codes(post(f"Logout/{token}")) == 0

    assert [Client().get(f"/api/v2/Badges/{one}").json()["resultCode"] for one in (token, other)] == [-101, 0]
    assert codes(post(f"Logout/{token}")) == -101
    assert codes(post("Logout/never-was")) == -101
    assert Client().get(f"/api/v2/Logout/{other}").status_code == 405


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """Return the public half as providers publish it."""
    published: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return published | {"kid": kid, "use": "sig"}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Site]:
    """An identity provider that speaks for example.org."""
    settings.LOGIN_PROVIDERS = [
        LoginProvider(
            issuer=ISSUER,
            name="Example School",
            audience=AUDIENCE,
            jwks_url="http://id.school.example/jwks",
            domains=("example.org",),
        )
    ]
    with foreign_site(monkeypatch) as site:
        publish(site, [jwk(KEY, "k1"), {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}, {"kty": "odd"}, 7])
        yield site


def publish(site: Site, keys: list[Any]) -> None:
    """Publish a key set."""
    site.replies["/jwks"] = (200, {"Content-Type": "application/json"}, json.dumps({"keys": keys}).encode())


def identity(key: Any = KEY, kid: str = "k1", algorithm: str = "RS256", **changes: Any) -> str:
    """Return a token of the provider; `changes` are claims, None takes one away."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 300,
        "email": ADA,
        "email_verified": True,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


@pytest.mark.parametrize("name", ["jwt", "jwtToken"])
def test_identity_gives_a_token(provider: Site, badge: Badge, name: str) -> None:
    answer = post("LoginWithJWT", {"tenant": "any.example", name: identity()})

    assert (list(answer), codes(answer)) == (["user", "token", *MEMBERS], 0)
    assert answer["user"]["eMail"] == ADA
    assert badges_by(answer["token"]) == [str(badge.uuid)]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 1},
        {"iat": None},
        {"iat": 10**12},
        {"email": None},
        {"email": "ada"},
        {"email": ["ada@example.org"]},
        {"email": "boss@other.example"},
        {"email_verified": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"kid": "k2"},
        {"kid": "shared", "key": "secret-secret-secret-secret-secret-secret", "algorithm": "HS256"},
        {"key": STRANGERS_KEY},
        {"key": None, "algorithm": "none"},
        {"key": "secret-secret-secret-secret-secret-secret", "algorithm": "HS256"},
    ],
    ids=str,
)
def test_identity_that_cannot_be_trusted_gives_none(provider: Site, changes: dict[str, Any]) -> None:
    answer = post("LoginWithJWT", {"jwt": identity(**changes)})

    assert (list(answer), codes(answer)) == (MEMBERS, -13)
    assert not AccountEmail.objects.exists()
    assert codes(post("LoginWithJWT", {"jwt": identity()})) == 0


def test_closed_address_is_opened_by_no_program(provider: Site) -> None:
    account = account_of("countess@example.org", ADA)
    account.emails.filter(email=ADA).update(closed_at=timezone.now())
    post("LoginWithOTP", {"eMail": ADA})
    code = sign_in_mails()[-1].code

    answers = [
        post("LoginWithJWT", {"jwt": identity()}),
        post("ValidateOTPCode", {"eMail": ADA, "otpCode": code}),
    ]

    assert [(list(answer), codes(answer)) for answer in answers] == [(MEMBERS, -108)] * 2
    assert not LoginToken.objects.exists()
    account.emails.update(closed_at=None)
    assert codes(post("LoginWithJWT", {"jwt": identity()})) == 0


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.", "a" * 9000, "ü.ü.ü"])
def test_what_is_no_identity_gives_none(provider: Site, text: str) -> None:
    assert codes(post("LoginWithJWT", {"jwt": text})) == -13


def test_nobody_vouches_where_no_provider_is_registered(settings: Settings) -> None:
    settings.LOGIN_PROVIDERS = []

    assert codes(post("LoginWithJWT", {"jwt": identity()})) == -13


def test_new_key_of_a_provider_is_found_and_asked_for_seldom(
    provider: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes(post("LoginWithJWT", {"jwt": identity()})) == 0
    publish(provider, [jwk(KEY, "k1"), jwk(STRANGERS_KEY, "k2")])
    rotated = identity(STRANGERS_KEY, "k2")
    assert [codes(post("LoginWithJWT", {"jwt": rotated})) for _ in range(5)] == [-13] * 5
    assert len(provider.asked) == 1

    monkeypatch.setattr(identities, "KEYS_ASKED", 0.0)

    assert codes(post("LoginWithJWT", {"jwt": rotated})) == 0
    assert len(provider.asked) == 2


@pytest.mark.parametrize(
    "reply", [(500, {}, b""), (200, {}, b"{"), (200, {}, b"[]"), (200, {}, b'{"keys":{}}')]
)
def test_provider_that_fails_lets_nobody_in(provider: Site, reply: Any) -> None:
    provider.replies["/jwks"] = reply

    assert codes(post("LoginWithJWT", {"jwt": identity()})) == -13


def test_wrong_identities_are_slowed(provider: Site) -> None:
    for number in range(20):
        assert codes(post("LoginWithJWT", {"jwt": identity(aud=f"a{number}")})) == -13

    assert codes(post("LoginWithJWT", {"jwt": identity()})) == -38
