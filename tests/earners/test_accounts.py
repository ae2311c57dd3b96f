"""A person's account: addresses come with a code and go, programs and sessions end, and nobody reaches another's."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from badges.enums import OutcomeState
from badges.models import Badge, Outcome, OutcomeRecord
from config.exceptions import InvalidInput
from earners.enums import SignInPurpose
from earners.exceptions import AddressClosed, AddressUnknown, LastAddress, SignInOver, TooManyAddresses
from earners.models import AccountEmail, AccountNotice, EarnerAccount, LoginToken, Passkey
from earners.services import create_login_token, list_login_tokens
from earners.services.accounts import (
    MAX_ADDRESSES,
    close_address,
    end_sessions,
    find_or_make_account,
    remove_address,
    show_collection,
    take_address,
)
from earners.services.passkeys import remove_passkey
from earners.services.sign_in import NOTICES_KEPT, WRONG_CODES, ask_sign_in, prune_sign_ins, use_link
from organizations.enums import MessageKind
from organizations.models import Message, Organization
from organizations.services.outbox import deliver_due
from tests.accounts import account_of, imported
from tests.mailbox import SignInMail, sign_in_mails
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db
ADA, COUNTESS, CHARLES = "ada@example.org", "countess@example.org", "charles@example.org"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    WRONG_CODES._suspects.clear()


@pytest.fixture
def ada() -> Client:
    """A browser in which Ada is signed in."""
    return signed_in(ADA)


def signed_in(email: str) -> Client:
    """Return a browser in which an address is signed in."""
    client = Client()
    client.post("/me/sign-in", {"email": email})
    client.get(sign_in_mails()[-1].path)
    return client


def add(client: Client, email: str) -> SignInMail:
    """Ask to add an address; return the mail that went there."""
    response = client.post("/me/account/addresses", {"email": email})
    assert (response.status_code, response["Location"]) == (302, "/me/account/addresses/code")
    return sign_in_mails()[-1]


def emails_of(email: str) -> list[str]:
    """Return the addresses of the account that has this one."""
    account = AccountEmail.objects.get(email_key=email).account
    return sorted(account.emails.values_list("email_key", flat=True))


def test_address_is_added_with_the_code_that_was_sent_there(ada: Client) -> None:
    sent = add(ada, "Countess@example.org")

    assert emails_of(ADA) == [ADA]
    assert sent.to == "Countess@example.org"
    assert sent.subject == "Confirm your address at 127.0.0.1:8000"
    response = ada.post("/me/account/addresses/code", {"code": sent.code})

    assert (response.status_code, response["Location"]) == (302, "/me/account")
    assert emails_of(ADA) == [ADA, COUNTESS]
    assert b"Countess@example.org" in ada.get("/me/account").content
    assert signed_in(COUNTESS).get("/me").status_code == 200
    assert EarnerAccount.objects.count() == 1


def test_address_is_added_by_the_link_where_its_account_is_signed_in(ada: Client) -> None:
    sent = add(ada, COUNTESS)

    assert b"Add this address?" in ada.get(sent.path).content
    assert emails_of(ADA) == [ADA]
    assert ada.post(sent.path)["Location"] == "/me/account"
    assert emails_of(ADA) == [ADA, COUNTESS]


def test_link_to_add_an_address_gives_it_to_nobody_who_only_tricks_its_owner() -> None:
    mallory, charles, nobody = signed_in("mallory@example.org"), signed_in(CHARLES), Client()
    sent = add(mallory, CHARLES)

    for browser in (charles, nobody):
        assert b"Open this where you asked for it" in browser.get(sent.path).content
        assert browser.post(sent.path).status_code == 410

    assert emails_of("mallory@example.org") == ["mallory@example.org"]
    assert emails_of(CHARLES) == [CHARLES]
    assert mallory.post(sent.path).status_code == 302


def test_code_to_sign_in_adds_no_address_and_the_other_way_round(ada: Client) -> None:
    to_add = add(ada, COUNTESS)
    assert ada.post("/me/sign-in/code", {"code": to_add.code}).status_code == 410
    ada.post("/me/sign-in", {"email": CHARLES})
    to_sign_in = sign_in_mails()[-1]

    response = ada.post("/me/account/addresses/code", {"code": to_sign_in.code})

    assert response.status_code == 400
    assert emails_of(ADA) == [ADA]


def test_address_of_another_account_joins_both(acme: Organization, ada: Client) -> None:
    other = signed_in(COUNTESS)
    gone, token = create_login_token(email=COUNTESS)[0].account, create_login_token(email=COUNTESS)[1]
    kept = AccountEmail.objects.get(email_key=ADA).account
    outcomes = [Outcome.objects.create(organization=acme, code=code) for code in ("both", "theirs")]
    for account, reached in ((kept, outcomes[:1]), (gone, outcomes)):
        for outcome in reached:
            OutcomeRecord.objects.create(
                outcome=outcome, account=account, recipient_email=ADA, state=OutcomeState.RECORDED
            )
    for account, identity in ((kept, "a" * 64), (gone, "a" * 64), (gone, "b" * 64)):
        imported(account, identity=identity, recipient_email=COUNTESS)

    sent = add(ada, COUNTESS)
    ada.post("/me/account/addresses/code", {"code": sent.code})

    assert EarnerAccount.objects.get() == kept
    assert emails_of(ADA) == [ADA, COUNTESS]
    assert sorted(kept.imported_badges.values_list("identity", flat=True)) == ["a" * 64, "b" * 64]
    assert sorted(kept.outcome_records.values_list("outcome__code", flat=True)) == ["both", "theirs"]
    assert other.get("/me").status_code == 302
    assert Client().get(f"/api/v2/Badges/{token}").json()["resultCode"] == -101


def test_address_of_an_account_with_others_moves_alone() -> None:
    theirs, mine = account_of(CHARLES, COUNTESS), account_of(ADA)

    take_address(account=mine, email=COUNTESS)

    assert (emails_of(ADA), emails_of(CHARLES)) == ([ADA, COUNTESS], [CHARLES])
    assert EarnerAccount.objects.filter(pk=theirs.pk).exists()


def test_address_that_nobody_proved_is_nobodys() -> None:
    squatter = account_of(CHARLES)
    AccountEmail.objects.create(account=squatter, email=ADA, email_key=ADA)

    account = find_or_make_account(ADA)

    assert account != squatter
    assert emails_of(ADA) == [ADA]
    assert emails_of(CHARLES) == [CHARLES]


def test_addresses_are_so_many_at_most() -> None:
    account = account_of(*(f"ada{number}@example.org" for number in range(MAX_ADDRESSES)))

    with pytest.raises(TooManyAddresses):
        take_address(account=account, email=COUNTESS)

    assert AccountEmail.objects.count() == MAX_ADDRESSES
    take_address(account=account, email="ada1@example.org")


def test_removed_address_signs_in_no_more_and_the_last_one_stays(ada: Client) -> None:
    account = AccountEmail.objects.get(email_key=ADA).account
    take_address(account=account, email=COUNTESS)
    first, second = account.emails.order_by("pk")

    assert ada.post(f"/me/account/addresses/{first.pk}/remove")["Location"] == "/me/account"
    assert emails_of(COUNTESS) == [COUNTESS]
    page = ada.get("/me/account", follow=True)
    assert b"The address is removed" in page.content
    ada.post(f"/me/account/addresses/{second.pk}/remove")

    assert emails_of(COUNTESS) == [COUNTESS]
    assert b"This is your only address" in ada.get("/me/account").content
    with pytest.raises(LastAddress):
        remove_address(account=account, address=second.pk)
    assert find_or_make_account(ADA) != account


def test_closed_address_signs_nobody_in_and_keeps_its_badges(ada: Client, badge: Badge) -> None:
    account = AccountEmail.objects.get(email_key=ADA).account
    take_address(account=account, email=COUNTESS)
    pk = account.emails.get(email_key=ADA).pk

    page = ada.post(f"/me/account/addresses/{pk}/close", follow=True).content.decode()

    assert "Signs in no longer, since" in page
    assert badge.version.title in ada.get("/me").content.decode()
    stranger = Client()
    stranger.post("/me/sign-in", {"email": ADA})
    sent = sign_in_mails()[-1]
    answer = stranger.post("/me/sign-in/code", {"code": sent.code}, follow=True)
    assert "This address signs in no longer" in answer.content.decode()
    stranger.post("/me/sign-in", {"email": ADA})
    answer = stranger.get(sign_in_mails()[-1].path, follow=True)
    assert "This address signs in no longer" in answer.content.decode()
    assert stranger.get("/me").status_code == 302
    with pytest.raises(AddressClosed):
        create_login_token(email=ADA)
    with pytest.raises(AddressClosed):
        take_address(account=account_of(CHARLES), email=ADA)
    assert (emails_of(ADA), emails_of(CHARLES)) == ([ADA, COUNTESS], [CHARLES])
    assert signed_in(COUNTESS).get("/me").status_code == 200


def test_closed_address_opens_again_when_its_account_proves_it(ada: Client) -> None:
    account = AccountEmail.objects.get(email_key=ADA).account
    take_address(account=account, email=COUNTESS)
    close_address(account=account, address=account.emails.get(email_key=COUNTESS).pk)
    assert f'name="email" value="{COUNTESS}"' in ada.get("/me/account").content.decode()

    ada.post("/me/account/addresses/code", {"code": add(ada, COUNTESS).code})

    assert account.emails.get(email_key=COUNTESS).signs_in
    assert signed_in(COUNTESS).get("/me").status_code == 200


def test_one_address_always_signs_in() -> None:
    account = account_of(ADA, COUNTESS)
    AccountEmail.objects.create(account=account, email=CHARLES, email_key=CHARLES)
    ada, countess = account.emails.order_by("pk")[:2]
    close_address(account=account, address=ada.pk)

    for act in (close_address, remove_address):
        with pytest.raises(LastAddress):
            act(account=account, address=countess.pk)

    close_address(account=account, address=ada.pk)
    assert [row.email for row in account.emails.signing_in()] == [COUNTESS]
    remove_address(account=account, address=ada.pk)
    with pytest.raises(AddressUnknown):
        close_address(account=account_of("mallory@example.org"), address=countess.pk)
    assert emails_of(COUNTESS) == [CHARLES, COUNTESS]


def test_page_says_of_each_address_what_it_does(ada: Client) -> None:
    account = AccountEmail.objects.get(email_key=ADA).account
    AccountEmail.objects.create(account=account, email=CHARLES, email_key=CHARLES)

    page = ada.get("/me/account").content.decode()

    assert page.count("Signs you in; confirmed") == 1
    assert page.count("Not confirmed: it brings no badges and does not sign in") == 1
    assert page.count("Stop signing in") == 0, "the only address that signs in stays so"


def notices() -> list[tuple[str, str]]:
    """Deliver what is due; return whom was told what of their account, oldest first."""
    deliver_due()
    mails = [(message.to[0], str(message.subject)) for message in mail.outbox]
    return [
        (to, subject.removesuffix(" at 127.0.0.1:8000")) for to, subject in mails if "Sign in" not in subject
    ]


def test_addresses_are_told_who_gets_in_from_now_on() -> None:
    account, charles = account_of(ADA), account_of(CHARLES, "second@example.org")
    key = Passkey.objects.create(account=account, name="My phone", credential_id="c", credential=b"")

    take_address(account=account, email=COUNTESS)
    assert notices() == [(ADA, "An address was added to your account")]
    mail.outbox.clear()
    close_address(account=account, address=account.emails.get(email=COUNTESS).pk)
    assert notices() == [(email, "An address no longer signs in") for email in (ADA, COUNTESS)]
    mail.outbox.clear()
    remove_passkey(account=account, passkey=key.pk)
    assert notices() == [(ADA, "A passkey was removed from your account")]
    body = str(mail.outbox[0].body)
    assert "a passkey was removed from your account at 127.0.0.1:8000, “My phone”" in body
    assert "http://127.0.0.1:8000/me/account" in body
    mail.outbox.clear()
    take_address(account=account, email=CHARLES)
    assert notices() == [
        (ADA, "An address was added to your account"),
        ("second@example.org", "An address was removed from your account"),
    ]
    assert charles.emails.count() == 1


def test_refused_change_is_told_to_nobody() -> None:
    account = account_of(ADA)

    with pytest.raises(LastAddress):
        remove_address(account=account, address=account.emails.get().pk)

    assert not AccountNotice.objects.exists()
    assert not Message.objects.filter(kind=MessageKind.ACCOUNT_NOTICE).exists()


def test_notice_of_an_account_that_is_no_more_is_not_sent_and_old_ones_go() -> None:
    account, other = account_of(ADA), account_of(CHARLES)
    take_address(account=account, email=COUNTESS)
    account.delete()
    take_address(account=other, email="second@example.org")

    assert notices() == [(CHARLES, "An address was added to your account")]
    assert prune_sign_ins() == 0
    assert prune_sign_ins(at=timezone.now() + NOTICES_KEPT + timedelta(seconds=1)) == 1


def test_browser_left_open_changes_nothing_about_who_gets_in(ada: Client) -> None:
    account = AccountEmail.objects.get(email_key=ADA).account
    take_address(account=account, email=COUNTESS)
    pk = account.emails.get(email_key=COUNTESS).pk
    code = add(ada, CHARLES).code

    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        for path, body in (
            ("addresses", {"email": CHARLES}),
            ("addresses/code", {"code": code}),
            ("addresses/provider", {"provider": "https://id.example.org"}),
            (f"addresses/{pk}/close", {}),
            (f"addresses/{pk}/remove", {}),
            ("passkeys", {"passkey": "{}"}),
        ):
            response = ada.post(f"/me/account/{path}", body)
            assert (response.status_code, response["Location"]) == (302, "/me/account")
        assert ada.post("/me/account/passkeys/options").status_code == 400
        page = ada.get("/me/account").content.decode()
        assert "Sign in again to change how your account opens." in page
        assert "/remove" not in page
        assert ada.get("/me/account/delete")["Location"] == "/me/account"
        assert ada.post("/me/account/delete")["Location"] == "/me/account"
        assert b"Sign in again to delete your account." in ada.get("/me/account").content
        ada.post("/me/account/sessions")
        assert b"You signed in a while ago" in ada.get("/me/account").content
    assert [row.email for row in account.emails.signing_in()] == [ADA, COUNTESS]
    fresh = signed_in(ADA)
    fresh.post(f"/me/account/addresses/{pk}/close")
    assert [row.email for row in account.emails.signing_in()] == [ADA]


def test_nobody_removes_another_ones_address_or_token(ada: Client) -> None:
    take_address(account=AccountEmail.objects.get(email_key=ADA).account, email="second@example.org")
    account = account_of(CHARLES, COUNTESS)
    theirs = account.emails.order_by("pk")[0]
    token = create_login_token(email=CHARLES)[0]

    ada.post(f"/me/account/addresses/{theirs.pk}/remove")
    ada.post(f"/me/account/tokens/{token.pk}/revoke")

    assert emails_of(CHARLES) == [CHARLES, COUNTESS]
    assert list_login_tokens(account) == [token]
    with pytest.raises(AddressUnknown):
        remove_address(account=AccountEmail.objects.get(email_key=ADA).account, address=theirs.pk)
    answers = [
        ada.post(f"/me/account/{path}").status_code
        for path in (f"addresses/{theirs.pk}/remove", "addresses/999999/remove")
    ]
    assert answers == [302, 302]


def test_account_page_shows_its_own_alone(ada: Client) -> None:
    charles = signed_in(CHARLES)
    mine, theirs = create_login_token(email=ADA)[0], create_login_token(email=CHARLES)[0]
    show_collection(account=theirs.account, is_shown=True, name="Charles")

    page, other = ada.get("/me/account").content.decode(), charles.get("/me/account").content.decode()

    assert f"/me/account/tokens/{mine.pk}/revoke" in page
    assert f"/me/account/tokens/{theirs.pk}/revoke" not in page
    assert (CHARLES in page, "Charles" in page) == (False, False)
    assert (CHARLES in other, "Charles" in other) == (True, True)


def test_token_is_listed_and_revoked_by_its_owner(ada: Client) -> None:
    row, token = create_login_token(email=ADA)
    assert Client().get(f"/api/v2/Badges/{token}").json()["resultCode"] == 0
    page = ada.get("/me/account").content.decode()
    assert "These programs read your badges" in page
    assert token not in page

    ada.post(f"/me/account/tokens/{row.pk}/revoke")

    assert Client().get(f"/api/v2/Badges/{token}").json()["resultCode"] == -101
    assert "No program reads your badges" in ada.get("/me/account").content.decode()


def test_signing_out_everywhere_keeps_this_browser_alone(ada: Client) -> None:
    second, charles = signed_in(ADA), signed_in(CHARLES)
    create_login_token(email=ADA)
    theirs = create_login_token(email=CHARLES)[0]

    ada.post("/me/account/sessions")

    assert [browser.get("/me").status_code for browser in (ada, second, charles)] == [200, 302, 200]
    assert list(LoginToken.objects.filter(revoked_at__isnull=True)) == [theirs]


def test_collection_has_an_address_while_it_is_shown(ada: Client) -> None:
    ada.post("/me/account/collection", {"is_shown": "on", "name": "  Ada   Lovelace "})
    account = EarnerAccount.objects.get()
    first = account.collection_uuid
    assert account.name == "Ada Lovelace"
    assert b"Badges of Ada Lovelace" in Client().get(f"/collections/{first}").content
    assert f'<code id="collection-link">{settings.PUBLIC_URL}/collections/{first}</code>'.encode() in (
        ada.get("/me/account").content
    )

    ada.post("/me/account/collection", {"is_shown": "on", "name": "Countess"})
    assert EarnerAccount.objects.get().collection_uuid == first
    ada.post("/me/account/collection", {"name": "Countess"})
    assert Client().get(f"/collections/{first}").status_code == 404
    ada.post("/me/account/collection", {"is_shown": "on", "name": ""})

    assert EarnerAccount.objects.get().collection_uuid not in {None, first}
    assert Client().get(f"/collections/{first}").status_code == 404
    assert Client().get(f"/collections/{uuid4()}").status_code == 404


@pytest.mark.parametrize("name", ["a" * 121, "Ada\x07"])
def test_collection_refuses_names_that_cannot_be_shown(name: str) -> None:
    account = account_of(ADA)

    with pytest.raises(InvalidInput):
        show_collection(account=account, is_shown=True, name=name)

    account.refresh_from_db()
    assert (account.name, account.collection_uuid) == ("", None)


def test_mail_to_add_an_address_ends_with_the_account() -> None:
    account = account_of(ADA)
    asked = ask_sign_in(
        email=COUNTESS, purpose=SignInPurpose.ADDRESS, language="en", client=None, account=account
    )
    with pytest.raises(SignInOver):
        use_link(sign_in=asked)
    account.delete()

    with pytest.raises(SignInOver):
        use_link(sign_in=asked, account=asked.account)
    assert not AccountEmail.objects.exists()


def test_epoch_counts_up() -> None:
    account = account_of(ADA)

    assert [end_sessions(account=account), end_sessions(account=account)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_addresses_removed_at_once_leave_one() -> None:
    account = account_of(ADA, COUNTESS)
    pks = list(account.emails.values_list("pk", flat=True))

    answers = race(lambda number: remove_address(account=account, address=pks[number]), times=2)

    assert kinds(answers) == {"NoneType": 1, "LastAddress": 1}
    assert account.emails.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_take_each_others_address_at_once_stay_whole() -> None:
    accounts = [account_of(ADA), account_of(COUNTESS)]

    answers = race(
        lambda number: take_address(account=accounts[number], email=[COUNTESS, ADA][number]), times=2
    )

    assert kinds(answers) == {"NoneType": 1, "SignInOver": 1}
    assert EarnerAccount.objects.count() == 1
    assert sorted(AccountEmail.objects.values_list("email_key", flat=True)) == [ADA, COUNTESS]


@pytest.mark.django_db(transaction=True)
def test_address_added_to_two_accounts_at_once_is_one_accounts() -> None:
    accounts = [account_of(ADA), account_of(CHARLES)]

    answers = race(lambda number: take_address(account=accounts[number], email=COUNTESS), times=2)

    # The later one finds it proved a moment ago by the same person, or is told to try again.
    assert kinds(answers) in ({"NoneType": 2}, {"NoneType": 1, "SignInOver": 1})
    assert AccountEmail.objects.filter(email_key=COUNTESS).count() == 1
    assert AccountEmail.objects.count() == 3
