"""Signing in by mail, as a person does it in a browser, and as others try to do it in their place."""

import hashlib
import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from config.masking import loggable_path
from earners.enums import SignInPurpose
from earners.exceptions import SignInCodeWrong, SignInOver, TooManyMails
from earners.models import AccountEmail, EarnerAccount, LoginToken, SignIn
from earners.services import sign_in as sign_in_service
from earners.services.accounts import end_sessions
from earners.services.sign_in import (
    KEPT,
    MAILS_FROM_CLIENT,
    TOKENS_KEPT,
    TRIES,
    TRIES_IN_A_DAY,
    WRONG_CODES,
    ask_sign_in,
    prune_sign_ins,
    use_code,
    use_link,
)
from organizations.models import Message, RequestCount
from organizations.services.outbox import deliver_due
from tests.accounts import account_of, token_of
from tests.mailbox import SignInMail, sign_in_mails
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    WRONG_CODES._suspects.clear()


def ask(client: Client, email: str = ADA, **headers: Any) -> SignInMail:
    """Ask for a mail in a browser; return it."""
    response = client.post("/me/sign-in", {"email": email}, **headers)
    assert (response.status_code, response["Location"]) == (302, "/me/sign-in/code")
    return sign_in_mails()[-1]


def asked(email: str = ADA, client: str | None = None) -> SignIn:
    """Ask for a mail, without a browser."""
    return ask_sign_in(email=email, purpose=SignInPurpose.BROWSER, language="en", client=client)


def is_in(client: Client) -> bool:
    """Whether the browser sees an account."""
    return client.get("/me").status_code == 200


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code.replace(' ', '')) + 1) % 10**6:06}"


def test_code_signs_in_and_makes_the_account() -> None:
    client = Client()
    sent = ask(client, " Ada@Example.org ")

    page = html.unescape(client.get("/me/sign-in/code").content.decode())
    response = client.post("/me/sign-in/code", {"code": sent.code})

    assert "Ada@Example.org" in page
    assert (response.status_code, response["Location"]) == (302, "/me")
    assert (sent.to, sent.subject) == ("Ada@Example.org", "Sign in to 127.0.0.1:8000")
    address = AccountEmail.objects.get()
    assert (address.email, address.email_key, address.verified_at is not None) == (
        "Ada@Example.org",
        ADA,
        True,
    )
    assert is_in(client)
    assert not is_in(Client())


def test_link_signs_in_at_once_in_the_browser_that_asked() -> None:
    client = Client()
    sent = ask(client)

    response = client.get(sent.path)

    assert (response.status_code, response["Location"]) == (302, "/me")
    assert is_in(client)


def test_link_asks_for_a_click_in_another_browser() -> None:
    sent = ask(Client())
    other = Client(enforce_csrf_checks=True)

    page = other.get(sent.path)
    assert page.status_code == 200
    assert ADA in page.content.decode()
    assert not is_in(other)
    assert EarnerAccount.objects.count() == 0
    assert other.post(sent.path).status_code == 403
    response = other.post(sent.path, {"csrfmiddlewaretoken": page.context["csrf_token"]})

    assert (response.status_code, response["Location"]) == (302, "/me")
    assert is_in(other)


def test_what_reads_mails_beforehand_uses_nothing_up() -> None:
    client = Client()
    sent = ask(client)

    for _ in range(3):
        assert Client().get(sent.path).status_code == 200
        assert client.head(sent.path).status_code == 200

    assert client.get(sent.path)["Location"] == "/me"


def test_code_and_link_work_once_together() -> None:
    client = Client()
    sent = ask(client)
    assert client.post("/me/sign-in/code", {"code": sent.code})["Location"] == "/me"

    late = Client()
    assert late.get(sent.path).status_code == 410
    assert late.post(sent.path).status_code == 410
    assert not is_in(late)
    again = Client()
    again.cookies = client.cookies
    del again.cookies["sessionid"]
    assert again.post("/me/sign-in/code", {"code": sent.code}).status_code == 410


def test_code_is_of_use_in_the_browser_that_asked_alone() -> None:
    sent = ask(Client())
    other = Client()

    assert other.post("/me/sign-in/code", {"code": sent.code}).status_code == 410

    mine = ask(other, "mallory@example.org")
    assert mine.code != sent.code
    assert other.post("/me/sign-in/code", {"code": sent.code}).status_code == 400
    assert not is_in(other)
    assert not AccountEmail.objects.exists()


def test_cookie_of_somebody_elses_making_is_none() -> None:
    sent = ask(Client())
    forged = Client()
    forged.cookies["laurel_sign_in"] = "secret:signature"

    assert forged.get("/me/sign-in/code").status_code == 410
    assert forged.get(sent.path).status_code == 200
    assert not is_in(forged)


def test_mail_is_over_after_fifteen_minutes() -> None:
    client = Client()
    sent = ask(client)

    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert client.get(sent.path).status_code == 410
        assert client.post("/me/sign-in/code", {"code": sent.code}).status_code == 410
    with time_machine.travel(timezone.now() + timedelta(minutes=14), tick=False):
        assert client.get(sent.path).status_code == 302


def test_mail_that_waited_too_long_is_not_sent() -> None:
    asked()

    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert sign_in_mails() == []
    assert Message.objects.get().sent_at is not None


@pytest.mark.parametrize("secret", ["0" * 64, "", "ü", "a" * 5000, "%00"])
def test_made_up_link_is_as_good_as_none(secret: str) -> None:
    sent = ask(Client())
    mine = sent.path.rpartition("/")[0]

    answers = {
        Client().get(f"{place}/{secret or 'x'}").status_code
        for place in (mine, f"/me/sign-in/link/{uuid4()}")
    }

    assert answers == {410}
    assert Client().get(sent.path).status_code == 200


def test_known_and_unknown_address_are_told_and_sent_the_same(badge: Any) -> None:
    account_of("known@example.org")
    pages, texts = [], []
    for email in ("known@example.org", badge.recipient_email, "nobody@example.org"):
        client = Client()
        sent = ask(client, email)
        page = client.get("/me/sign-in/code").content.decode()
        token = client.cookies["csrftoken"].value
        pages.append((len(page), page.count(token), page.replace(email, "@").split("csrfmiddlewaretoken")[0]))
        texts.append(sent.text.replace(sent.code, "").replace(sent.path, ""))

    assert len({words for _, _, words in pages}) == 1
    assert len(set(texts)) == 1
    assert AccountEmail.objects.count() == 1


def test_known_and_unknown_address_take_the_same_queries(django_assert_num_queries: Any) -> None:
    account_of("known@example.org")
    asked("warm@example.org")
    for email in ("known@example.org", "nobody@example.org"):
        with django_assert_num_queries(6):  # one counts the mails of the day
            asked(email)


def test_neither_code_nor_secret_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    sent = ask(client)
    cookie = client.cookies["laurel_sign_in"].value.split(":")[0]
    client.get(sent.path + "x")
    code = sent.code.replace(" ", "")
    digests = {hashlib.sha256(text.encode()).hexdigest() for text in (code, sent.code)}

    kept = [
        str(value)
        for model in (SignIn, Message, Session, RequestCount, AccountEmail)
        for row in model._default_manager.values()
        for value in row.values()
    ]

    assert len(kept) > 20
    assert not {code, sent.code, *digests} & set(kept)
    for secret in (sent.path.rpartition("/")[2], cookie):
        assert not any(secret in value for value in kept)
        assert secret not in caplog.text
    assert sent.code not in caplog.text
    assert loggable_path(sent.path) == sent.path.rpartition("/")[0] + "/*"


def test_wrong_code_can_be_tried_again_and_so_often_only() -> None:
    client = Client()
    sent = ask(client)

    for _ in range(TRIES - 1):
        response = client.post("/me/sign-in/code", {"code": wrong(sent.code)})
        assert response.status_code == 400
        assert b"This is not the code that we sent" in response.content
    assert not is_in(client)
    assert client.post("/me/sign-in/code", {"code": sent.code}).status_code == 302

    second = Client()
    sent = ask(second)
    for _ in range(TRIES):
        second.post("/me/sign-in/code", {"code": wrong(sent.code)})
    assert second.post("/me/sign-in/code", {"code": sent.code}).status_code == 410
    assert not is_in(second)
    assert second.get(sent.path).status_code == 302, "the link is not guessed at, and stays good"


@pytest.mark.parametrize("typed", ["{0}{1}", " {0}  {1} ", "{0}-{1}"])
def test_code_is_read_as_people_type_it(typed: str) -> None:
    client = Client()
    sent = ask(client)

    response = client.post("/me/sign-in/code", {"code": typed.format(*sent.code.split())})

    assert response.status_code == 302


def test_codes_of_an_address_are_tried_so_often_in_a_day_only() -> None:
    rows = [asked(f"{ADA}") for _ in range(3)]
    SignIn.objects.filter(pk=rows[0].pk).update(tries=TRIES_IN_A_DAY)
    other = asked("other@example.org")

    with pytest.raises(SignInOver):
        use_code(sign_in=rows[2], code="000000", client=None)

    with pytest.raises(SignInCodeWrong):
        use_code(sign_in=other, code="x", client=None)
    assert use_link(sign_in=rows[2]).account.emails.get().email == ADA


def test_client_that_guesses_is_refused_even_when_right() -> None:
    client = Client()
    for number in range(4):
        sent = ask(client, f"someone{number}@example.org")
        for step in range(TRIES):
            client.post(
                "/me/sign-in/code", {"code": f"{(int(sent.code.replace(' ', '')) + 1 + step) % 10**6:06}"}
            )
    sent = ask(client)

    response = client.post("/me/sign-in/code", {"code": sent.code})

    assert response.status_code == 400
    assert b"Too many wrong tries" in response.content
    assert client.get(sent.path)["Location"] == "/me"


def test_mails_to_an_address_and_from_a_client_are_few() -> None:
    for _ in range(3):
        asked(client="192.0.2.1")
    with pytest.raises(TooManyMails) as refusal:
        asked("ADA@example.org", client="192.0.2.2")

    assert 1 <= refusal.value.retry_after <= 600
    assert SignIn.objects.count() == Message.objects.count() == 3
    RequestCount.objects.filter(client__startswith="mails-from").update(requests=MAILS_FROM_CLIENT)
    with pytest.raises(TooManyMails):
        asked("new@example.org", client="192.0.2.1")
    assert asked("new@example.org", client="192.0.2.9").email == "new@example.org"


def test_mails_to_an_address_are_few_in_a_day_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_service, "MAILS_IN_A_DAY", 2)
    asked(client="192.0.2.1")
    asked(client="192.0.2.2")

    with pytest.raises(TooManyMails):
        asked(client="192.0.2.3")

    assert SignIn.objects.count() == Message.objects.count() == 2
    SignIn.objects.update(created_at=timezone.now() - timedelta(hours=25))
    RequestCount.objects.all().delete()
    assert asked(client="192.0.2.3").email == "ada@example.org"


def test_refused_mail_is_told_in_the_form() -> None:
    for _ in range(3):
        asked()

    response = Client().post("/me/sign-in", {"email": ADA})

    assert response.status_code == 400
    assert b"Too many mails were asked for" in response.content
    assert "laurel_sign_in" not in response.cookies


@pytest.mark.parametrize("typed", ["", "ada", "ada@", "a" * 250 + "@example.org", "ada@example.org\x00"])
def test_what_is_no_address_is_told_in_the_form(typed: str) -> None:
    response = Client().post("/me/sign-in", {"email": typed})

    assert response.status_code == 200
    assert b"errorlist" in response.content
    assert not SignIn.objects.exists()
    assert not mail.outbox


def test_mail_is_in_the_language_of_who_asked() -> None:
    client = Client()
    client.post("/me/sign-in", {"email": ADA}, headers={"Accept-Language": "it"})

    assert SignIn.objects.get().language == "it"
    assert deliver_due() == 1


def test_sign_in_takes_a_new_session_and_leaves_the_staff_signed_in(alice: Any) -> None:
    client = Client()
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    before = client.session.session_key
    sent = ask(client)
    client.post("/me/sign-in/code", {"code": sent.code})

    assert client.session.session_key != before
    assert is_in(client)
    assert client.session["_auth_user_id"] == str(alice.pk)
    client.post("/me/sign-out")
    assert not is_in(client)
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_sign_out_needs_a_post_and_ends_it() -> None:
    client = Client()
    sent = ask(client)
    client.get(sent.path)

    assert client.get("/me/sign-out").status_code == 405
    assert is_in(client)
    assert client.post("/me/sign-out")["Location"] == "/me/sign-in"
    assert not is_in(client)


def test_ended_sessions_and_deleted_accounts_open_nothing() -> None:
    client, second = Client(), Client()
    client.get(ask(client).path)
    second.get(ask(second).path)
    account = EarnerAccount.objects.get()

    end_sessions(account=account)
    assert not is_in(client)
    assert not is_in(second)

    client.get(ask(client).path)
    assert is_in(client)
    account.delete()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/me", "get"),
        ("/me/account", "get"),
        (f"/me/badges/{uuid4()}", "get"),
        (f"/me/badges/{uuid4()}/picture", "get"),
        ("/me/account/addresses", "post"),
        ("/me/account/addresses/code", "get"),
        ("/me/account/addresses/1/remove", "post"),
        ("/me/account/addresses/1/close", "post"),
        ("/me/account/tokens/1/revoke", "post"),
        ("/me/account/sessions", "post"),
        ("/me/account/collection", "post"),
    ],
)
def test_who_is_not_signed_in_is_led_to_sign_in(alice: Any, path: str, method: str) -> None:
    stranger, staff = Client(), Client()
    staff.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")

    for client in (stranger, staff):
        response = getattr(client, method)(path)
        assert (response.status_code, response["Location"]) == (302, "/me/sign-in")
        assert response["Cache-Control"] == "private, no-store"


def test_pages_are_kept_by_nobody() -> None:
    client = Client()
    sent = ask(client)
    answers = [
        client.get("/me/sign-in"),
        client.get("/me/sign-in/code"),
        Client().get(sent.path),
        client.get(sent.path),
        client.get("/me"),
        client.get("/me/account"),
    ]

    for answer in answers:
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex"
    cookie = client.cookies["laurel_sign_in"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) in {
        (True, "Lax", "/me"),
        ("", "Lax", "/me"),
    }


def test_old_rows_go() -> None:
    old, new = asked(), asked()
    SignIn.objects.filter(pk=old.pk).update(created_at=timezone.now() - KEPT - timedelta(seconds=1))

    token_of(ADA, -TOKENS_KEPT - timedelta(seconds=1))
    kept = token_of(ADA, -TOKENS_KEPT + timedelta(hours=1))[0]

    assert prune_sign_ins() == 2
    assert list(SignIn.objects.all()) == [new]
    assert list(LoginToken.objects.all()) == [kept]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_use_a_code_once() -> None:
    sent = asked()
    sign_in_mail = sign_in_mails()[0]

    answers = race(lambda _: use_code(sign_in=sent, code=sign_in_mail.code, client=None), times=5)

    assert kinds(answers) == {"Opened": 1, "SignInOver": 4}
    assert EarnerAccount.objects.count() == AccountEmail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_no_more_than_one_after_the_other() -> None:
    sent = asked()
    code = sign_in_mails()[0].code

    answers = race(lambda _: use_code(sign_in=sent, code=wrong(code), client=None), times=16)

    assert kinds(answers) == {"SignInCodeWrong": TRIES, "SignInOver": 16 - TRIES}
    assert SignIn.objects.get().tries == TRIES


@pytest.mark.django_db(transaction=True)
def test_two_mails_used_at_once_make_one_account() -> None:
    rows = [asked(), asked()]

    answers = race(lambda number: use_link(sign_in=rows[number]), times=2)

    assert kinds(answers) == {"Opened": 2}
    assert EarnerAccount.objects.count() == AccountEmail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_mails_asked_for_at_once_are_as_few() -> None:
    answers = race(lambda _: asked(), times=12)

    assert kinds(answers) == {"SignIn": 3, "TooManyMails": 9}
    assert Message.objects.count() == 3
