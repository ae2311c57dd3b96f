"""The addresses of persons' accounts."""

from django.urls import path

from earners.views import account, openid, passkeys, sign_in

urlpatterns = [
    path("me/sign-in", sign_in.ask, name="earner_sign_in"),
    path("me/sign-in/code", sign_in.code, name="earner_sign_in_code"),
    path("me/sign-in/link/<uuid:uuid>/<str:secret>", sign_in.link, name="earner_sign_in_link"),
    path("me/sign-in/passkey/options", passkeys.sign_in_options, name="passkey_sign_in_options"),
    path("me/sign-in/passkey", passkeys.sign_in, name="passkey_sign_in"),
    path("me/sign-in/provider", openid.leave_to_provider, name="provider_sign_in"),
    path("me/sign-in/provider/return", openid.come_back, name="provider_return"),
    path("me/sign-out", sign_in.leave, name="earner_sign_out"),
    path("me/account", account.account, name="my_account"),
    path("me/account/addresses", account.add_address, name="earner_add_address"),
    path("me/account/addresses/code", account.address_code, name="earner_address_code"),
    path("me/account/addresses/<int:address>/remove", account.drop_address, name="earner_remove_address"),
    path("me/account/addresses/<int:address>/close", account.shut_address, name="earner_close_address"),
    path("me/account/addresses/provider", openid.leave_to_add_address, name="provider_add_address"),
    path("me/account/passkeys/options", passkeys.new_options, name="new_passkey_options"),
    path("me/account/passkeys", passkeys.add, name="add_passkey"),
    path("me/account/passkeys/<int:passkey>/name", passkeys.rename, name="rename_passkey"),
    path("me/account/passkeys/<int:passkey>/remove", passkeys.remove, name="remove_passkey"),
    path("me/account/tokens/<int:token>/revoke", account.drop_token, name="earner_revoke_token"),
    path("me/account/sessions", account.leave_everywhere, name="earner_end_sessions"),
    path("me/account/delete", account.delete, name="earner_delete"),
    path("me/account/collection", account.collection, name="earner_collection"),
]
