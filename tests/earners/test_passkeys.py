"""Passkeys: added to an account, signed in with, renamed and removed; and how others fail to get in with one."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AuthenticatorData
from pytest_django import Settings

from earners.exceptions import ChallengeOver, PasskeyCopied, PasskeyRefused, PasskeyThere, TooManyPasskeys
from earners.models import Challenge, EarnerAccount, Passkey
from earners.services.accounts import take_address
from earners.services.challenges import FROM_CLIENT
from earners.services.passkeys import (
    MAX_PASSKEYS,
    add_passkey,
    ask_new_passkey,
    ask_passkey,
    public_origin,
    relying_party,
    sign_in_with_passkey,
)
from organizations.enums import MessageKind
from organizations.models import Message, RequestCount
from tests.accounts import account_of
from tests.authenticator import Authenticator
from tests.racing import kinds, race

ADA, CHARLES = "ada@example.org", "charles@example.org"
FLAG = AuthenticatorData.FLAG
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("secure")]


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()


@pytest.fixture
def ada() -> EarnerAccount:
    """Ada's account."""
    return account_of(ADA)


def add(account: EarnerAccount, device: Authenticator | None = None, name: str = "My phone") -> Authenticator:
    """Add a passkey to an account; return the device."""
    device = device or Authenticator()
    options = ask_new_passkey(account=account, browser="b", client=None)
    add_passkey(account=account, name=name, answer=device.make(options), browser="b")
    return device


def sign_in(device: Authenticator) -> EarnerAccount:
    """Sign in with the passkey of a device."""
    return sign_in_with_passkey(answer=device.sign(ask_passkey(browser="b", client=None)), browser="b")


def https(account: EarnerAccount | None = None) -> Client:
    """Return a browser at the published address, in which an account is signed in."""
    client = Client(headers={"host": "badges.example.org"})
    client.defaults["wsgi.url_scheme"] = "https"
    if account is not None:
        session = client.session
        session["earner_account"] = [str(account.uuid), account.epoch]
        session["earner_proved_at"] = int(time.time())
        session.save()
        client.cookies["sessionid"] = str(session.session_key)
    return client


def test_passkey_is_added_and_signs_in_from_a_browser(ada: EarnerAccount) -> None:
    home, device, elsewhere = https(ada), Authenticator(), https()
    options = home.post("/me/account/passkeys/options").json()
    answer = device.make(options)

    added = home.post("/me/account/passkeys", {"passkey": answer, "passkey-name": "  My   phone "})
    told = elsewhere.post("/me/sign-in/passkey/options")
    signed = elsewhere.post("/me/sign-in/passkey", {"passkey": device.sign(told.json())})

    assert (added.status_code, added["Location"]) == (302, "/me/account")
    told_of = Message.objects.get()
    assert (told_of.kind, told_of.recipient) == (MessageKind.ACCOUNT_NOTICE, ADA)
    assert (signed.status_code, signed["Location"]) == (302, "/me")
    assert elsewhere.get("/me").status_code == 200
    passkey = Passkey.objects.get()
    assert (passkey.account, passkey.name, passkey.sign_count) == (ada, "My phone", 1)
    assert passkey.last_used_at is not None
    page = home.get("/me/account").content.decode()
    assert "My phone" in page
    assert "“My phone” signs you in from now on." in page
    assert passkey.credential_id not in page
    assert told["Cache-Control"] == "private, no-store"


def test_browser_is_asked_for_a_discoverable_passkey_of_a_verified_person(ada: EarnerAccount) -> None:
    device = add(ada)

    new = ask_new_passkey(account=ada, browser="b", client=None)["publicKey"]
    known = ask_passkey(browser="b", client=None)["publicKey"]

    new, known = json.loads(json.dumps(new)), json.loads(json.dumps(known))
    assert new["rp"] == {"id": "badges.example.org", "name": "badges.example.org"}
    assert new["user"] == {"id": websafe_encode(ada.uuid.bytes), "name": ADA, "displayName": ADA}
    assert new["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert new["excludeCredentials"] == [{"type": "public-key", "id": websafe_encode(device.id)}]
    challenge = known.pop("challenge")
    assert known == {"rpId": "badges.example.org", "userVerification": "required"}
    assert len(websafe_decode(challenge)) == 48
    assert challenge != new["challenge"]


def test_account_has_several_passkeys_and_each_opens_it(ada: EarnerAccount) -> None:
    charles = account_of(CHARLES)
    devices = [add(ada), add(ada, name=""), add(charles)]

    assert [sign_in(device) for device in devices] == [ada, ada, charles]
    assert [passkey.name for passkey in ada.passkeys.all()] == ["My phone", "Passkey"]


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example.org"},
        {"origin": "https://sub.badges.example.org"},
        {"origin": "http://badges.example.org"},
        {"name": "example.org"},
        {"flags": FLAG.UP},
        {"flags": FLAG.UV},
    ],
    ids=str,
)
def test_passkey_that_does_not_prove_what_it_must_is_refused(ada: EarnerAccount, lie: dict[str, Any]) -> None:
    device = Authenticator(**lie)
    with pytest.raises(Exception, match="not added") as refusal:
        add(ada, device)
    assert type(refusal.value).__name__ == "PasskeyNotAdded"
    assert not Passkey.objects.exists()

    device = add(ada)
    for name, value in lie.items():
        setattr(device, name, value)
    with pytest.raises(PasskeyRefused):
        sign_in(device)

    assert Passkey.objects.get().last_used_at is None
    right = Authenticator(key=device.key, id=device.id, user=device.user, count=device.count)
    assert sign_in(right) == ada


def test_passkey_of_another_key_or_person_opens_nothing(ada: EarnerAccount) -> None:
    device, charles = add(ada), account_of(CHARLES)
    forged = Authenticator(id=device.id, user=device.user, key=ec.generate_private_key(ec.SECP256R1()))
    unknown = Authenticator(user=ada.uuid.bytes)
    misnamed = Authenticator(id=device.id, key=device.key, user=charles.uuid.bytes)
    nameless = Authenticator(id=device.id, key=device.key)

    for wrong in (forged, unknown, misnamed, nameless):
        with pytest.raises(PasskeyRefused):
            sign_in(wrong)

    assert sign_in(device) == ada


def test_copy_of_a_passkey_is_refused(ada: EarnerAccount) -> None:
    device = add(ada)
    copy = Authenticator(key=device.key, id=device.id, user=device.user)
    assert [sign_in(device), sign_in(device)] == [ada, ada]

    with pytest.raises(PasskeyCopied):
        sign_in(copy)
    copy.step = copy.count = 0
    with pytest.raises(PasskeyCopied):
        sign_in(copy)

    assert Passkey.objects.get().sign_count == 2
    assert sign_in(device) == ada


def test_passkey_that_counts_nothing_signs_in_again_and_again(ada: EarnerAccount) -> None:
    device = add(ada, Authenticator(step=0))

    assert [sign_in(device) for _ in range(3)] == [ada] * 3
    assert Passkey.objects.get().sign_count == 0


def test_challenge_is_good_once_in_its_browser_and_soon(ada: EarnerAccount) -> None:
    device = add(ada, Authenticator(step=0))
    options = ask_passkey(browser="b", client=None)
    answer = device.sign(options)

    for browser in ("", "another"):
        with pytest.raises(ChallengeOver):
            sign_in_with_passkey(answer=answer, browser=browser)
    assert sign_in_with_passkey(answer=answer, browser="b") == ada
    with pytest.raises(ChallengeOver):
        sign_in_with_passkey(answer=answer, browser="b")
    late = device.sign(ask_passkey(browser="b", client=None))
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1), tick=False),
        pytest.raises(ChallengeOver),
    ):
        sign_in_with_passkey(answer=late, browser="b")
    assert sign_in_with_passkey(answer=late, browser="b") == ada


def test_challenge_of_one_kind_or_account_is_of_no_use_for_another(ada: EarnerAccount) -> None:
    device, charles, new = add(ada), account_of(CHARLES), Authenticator()
    to_add = ask_new_passkey(account=ada, browser="b", client=None)

    with pytest.raises(ChallengeOver):
        sign_in_with_passkey(answer=device.sign(to_add), browser="b")
    with pytest.raises(ChallengeOver):
        add_passkey(account=charles, name="", answer=new.make(to_add), browser="b")
    new_options = {"publicKey": ask_passkey(browser="b", client=None)["publicKey"] | {"user": {"id": ""}}}
    with pytest.raises(ChallengeOver):
        add_passkey(account=ada, name="", answer=new.make(new_options), browser="b")

    assert Passkey.objects.count() == 1


def test_challenge_of_somebody_elses_making_is_none(ada: EarnerAccount) -> None:
    device = add(ada)
    options = ask_passkey(browser="b", client=None)
    forged = {"challenge": websafe_encode(Challenge.objects.latest("pk").uuid.bytes + bytes(32))}

    with pytest.raises(PasskeyRefused):
        sign_in_with_passkey(answer=device.sign({"publicKey": forged}), browser="b")
    with pytest.raises(ChallengeOver):
        sign_in_with_passkey(answer=device.sign({"publicKey": {"challenge": "AA"}}), browser="b")
    with pytest.raises(ChallengeOver):  # one try
        sign_in_with_passkey(answer=device.sign(options), browser="b")


@pytest.mark.parametrize(
    "answer", ["", "x", "{", "[]", "7", "{}", '{"id": "a", "rawId": "b"}', "[" * 9000, "a" * 20000], ids=repr
)
def test_answer_that_is_none_is_refused_in_the_page(ada: EarnerAccount, answer: str) -> None:
    home, elsewhere = https(ada), https()
    for client, path in ((home, "/me/account/passkeys"), (elsewhere, "/me/sign-in/passkey")):
        client.post(f"{path}/options")
        response = client.post(path, {"passkey": answer}, follow=True)
        assert response.status_code == (200 if client is home else 400)
        assert b"alert-danger" in response.content
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xa0", b"\x81" * 5000, b"\xff" * 100, b"\xbf"], ids=repr)
def test_passkey_of_broken_bytes_is_refused(ada: EarnerAccount, part: str, content: bytes) -> None:
    made = json.loads(Authenticator().make(ask_new_passkey(account=ada, browser="b", client=None)))
    made["response"][part] = websafe_encode(content)

    with pytest.raises(Exception, match=r"not added|begin again"):
        add_passkey(account=ada, name="", answer=json.dumps(made), browser="b")

    assert not Passkey.objects.exists()


def test_passkey_is_of_one_account_and_of_so_many_at_most(ada: EarnerAccount) -> None:
    device, charles = add(ada), account_of(CHARLES)
    options = ask_new_passkey(account=ada, browser="b", client=None)
    with pytest.raises(PasskeyThere):
        add(charles, device)
    Passkey.objects.bulk_create(
        Passkey(
            account=ada, name="One", credential_id=f"c{number}", credential=Passkey.objects.get().credential
        )
        for number in range(MAX_PASSKEYS - 1)
    )

    with pytest.raises(TooManyPasskeys):
        ask_new_passkey(account=ada, browser="b", client=None)
    with pytest.raises(TooManyPasskeys):
        add_passkey(account=ada, name="", answer=Authenticator().make(options), browser="b")

    assert (ada.passkeys.count(), charles.passkeys.count()) == (MAX_PASSKEYS, 0)
    assert "as many passkeys as one account may have" in https(ada).get("/me/account").content.decode()


@pytest.mark.parametrize("name", ["a" * 61, "My\x07phone"])
def test_name_that_cannot_be_shown_is_refused(ada: EarnerAccount, name: str) -> None:
    add(ada)
    home, passkey = https(ada), Passkey.objects.get()

    response = home.post(f"/me/account/passkeys/{passkey.pk}/name", {"name": name}, follow=True)

    assert b"alert-danger" in response.content
    assert Passkey.objects.get().name == "My phone"
    home.post(f"/me/account/passkeys/{passkey.pk}/name", {"name": "Old phone"})
    assert Passkey.objects.get().name == "Old phone"


def test_removed_passkey_opens_nothing(ada: EarnerAccount) -> None:
    device, home = add(ada), https(ada)

    response = home.post(f"/me/account/passkeys/{Passkey.objects.get().pk}/remove", follow=True)

    assert b"The passkey opens nothing here any more" in response.content
    with pytest.raises(PasskeyRefused):
        sign_in(device)


def test_nobody_reaches_another_ones_passkey(ada: EarnerAccount) -> None:
    device, charles = add(ada, name="Secret phone"), https(account_of(CHARLES))
    pk = Passkey.objects.get().pk

    answers = [
        charles.post(f"/me/account/passkeys/{number}/{act}", {"name": "Mine"}).status_code
        for number in (pk, pk + 99)
        for act in ("name", "remove")
    ]

    assert answers == [404] * 4
    assert Passkey.objects.get().name == "Secret phone"
    assert b"Secret phone" not in charles.get("/me/account").content
    assert b"Secret phone" in https(ada).get("/me/account").content
    assert sign_in(device) == ada


def test_who_is_not_signed_in_adds_no_passkey(ada: EarnerAccount) -> None:
    add(ada)
    pk = Passkey.objects.get().pk
    for path in ("options", f"{pk}/name", f"{pk}/remove"):
        response = https().post(f"/me/account/passkeys/{path}", {"name": "Mine"})
        assert (response.status_code, response["Location"]) == (302, "/me/sign-in")
    assert https().post("/me/account/passkeys", {"passkey": "{}"})["Location"] == "/me/sign-in"
    assert Passkey.objects.get().name == "My phone"
    for path in ("/me/sign-in/passkey", "/me/sign-in/passkey/options", "/me/account/passkeys/options"):
        assert https(ada).get(path).status_code == 405


def test_passkeys_of_an_account_that_is_joined_with_another_end(ada: EarnerAccount) -> None:
    device, countess = add(account_of(CHARLES)), add(ada)

    take_address(account=ada, email=CHARLES)

    with pytest.raises(PasskeyRefused):
        sign_in(device)
    assert sign_in(countess) == ada


def test_client_that_asks_too_often_is_told(ada: EarnerAccount) -> None:
    client = https()
    assert client.post("/me/sign-in/passkey/options").status_code == 200
    RequestCount.objects.filter(client__startswith="challenges-of").update(requests=FROM_CLIENT)

    response = client.post("/me/sign-in/passkey/options")

    assert (response.status_code, list(response.json())) == (400, ["message"])
    assert "begun too often" in response.json()["message"]


@pytest.mark.parametrize(
    ("url", "is_secure", "name", "origin"),
    [
        ("https://badges.example.org", True, "badges.example.org", "https://badges.example.org"),
        ("https://Badges.example.org:443", True, "badges.example.org", "https://badges.example.org"),
        ("https://badges.example.org:8443", True, "badges.example.org", "https://badges.example.org:8443"),
        ("http://localhost:8000", False, "localhost", "http://localhost:8000"),
        ("http://badges.example.org", False, None, "http://badges.example.org"),
        ("http://127.0.0.1:8000", False, None, "http://127.0.0.1:8000"),
        ("https://192.0.2.7", True, None, "https://192.0.2.7"),
    ],
)
def test_passkeys_are_made_for_names_with_https(
    settings: Settings, url: str, is_secure: bool, name: str | None, origin: str
) -> None:
    settings.PUBLIC_URL, settings.IS_SECURE = url, is_secure

    assert (relying_party(), public_origin()) == (name, origin)


def test_page_says_where_passkeys_cannot_be(ada: EarnerAccount, settings: Settings) -> None:
    settings.PUBLIC_URL, settings.IS_SECURE = "http://127.0.0.1:8000", False
    settings.ALLOWED_HOSTS = ["badges.example.org"]
    home = https(ada)

    page = home.get("/me/account").content.decode()

    assert "browsers make passkeys only for a server with https" in page
    assert "passkeys.js" not in page
    assert "passkey" not in https().get("/me/sign-in").content.decode()
    assert home.post("/me/account/passkeys/options").status_code == 400
    assert "Passkeys need a server" in https().post("/me/sign-in/passkey/options").json()["message"]


@pytest.mark.django_db(transaction=True)
def test_passkeys_added_at_once_are_so_many_at_most(ada: EarnerAccount) -> None:
    Passkey.objects.bulk_create(
        Passkey(account=ada, name="One", credential_id=f"c{number}", credential=b"")
        for number in range(MAX_PASSKEYS - 1)
    )
    Passkey.objects.update(account=account_of(CHARLES))
    options = [ask_new_passkey(account=ada, browser="b", client=None) for _ in range(4)]
    answers = [Authenticator().make(one) for one in options]
    Passkey.objects.update(account=ada)

    results = race(
        lambda number: add_passkey(account=ada, name="", answer=answers[number], browser="b"), times=4
    )

    assert kinds(results) == {"Passkey": 1, "TooManyPasskeys": 3}
    assert ada.passkeys.count() == MAX_PASSKEYS


@pytest.mark.django_db(transaction=True)
def test_signature_that_comes_many_times_at_once_signs_in_once(ada: EarnerAccount) -> None:
    device = add(ada)
    answer = device.sign(ask_passkey(browser="b", client=None))

    results = race(lambda _number: sign_in_with_passkey(answer=answer, browser="b"), times=4)

    assert kinds(results) == {"EarnerAccount": 1, "ChallengeOver": 3}
