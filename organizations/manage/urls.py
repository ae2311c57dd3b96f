"""The addresses of the issuers' pages about the organization itself; below /manage/<organization>/."""

from django.urls import path

from organizations.manage import api_keys, audit, invitations, settings, signing_keys, team, wallet

urlpatterns = [
    path("team", team.team, name="team"),
    path("team/invite", invitations.new_invitation, name="invite"),
    path("team/leave", team.leave, name="leave"),
    path("team/<uuid:user_id>/role", team.change_role, name="change_role"),
    path("team/<uuid:user_id>/remove", team.remove_member, name="remove_member"),
    path("team/invitations/<uuid:invitation_id>/resend", invitations.resend, name="resend_invitation"),
    path("team/invitations/<uuid:invitation_id>/withdraw", invitations.withdraw, name="withdraw_invitation"),
    path("wallet", wallet.wallet, name="wallet"),
    path("wallet/request", wallet.new_credit_request, name="new_credit_request"),
    path("settings/plan", wallet.plan, name="plan"),
    path("settings/signing-keys", signing_keys.signing_keys, name="signing_keys"),
    path(
        "settings/signing-keys/<uuid:signing_key_id>/rotate", signing_keys.rotate, name="rotate_signing_key"
    ),
    path(
        "settings/signing-keys/<uuid:signing_key_id>/revoke", signing_keys.revoke, name="revoke_signing_key"
    ),
    path("settings", settings.settings, name="settings"),
    path("settings/public", settings.public_settings, name="public_settings"),
    path("settings/mail", settings.mail_settings, name="mail_settings"),
    path("settings/mail/<int:message_id>/retry", settings.retry_mail, name="retry_mail"),
    path("api-keys", api_keys.api_keys, name="api_keys"),
    path("api-keys/new", api_keys.new_api_key, name="new_api_key"),
    path("api-keys/<uuid:key_id>/revoke", api_keys.revoke, name="revoke_api_key"),
    path("audit-log", audit.audit_log, name="audit_log"),
    path("audit-log/export", audit.audit_log_export, name="audit_log_export"),
]
