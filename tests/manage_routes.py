"""The table of the issuers' pages: who may open them and send their forms, and where they are with which thing."""

from typing import Any

from django.urls import NoReverseMatch, get_resolver, reverse

from organizations.enums import ApiScope
from organizations.models import Organization
from tests.things import Things

READ, WRITE, ISSUE = ApiScope.READ, ApiScope.WRITE, ApiScope.ISSUE

# Name of the address, then the scope that opening it and sending its form need.
ROUTES: dict[str, dict[str, ApiScope]] = {
    # organizations/manage
    "team": {"GET": READ},
    "invite": {"GET": WRITE, "POST": WRITE},
    "leave": {"GET": READ, "POST": READ},
    "change_role": {"POST": WRITE},
    "remove_member": {"GET": WRITE, "POST": WRITE},
    "resend_invitation": {"POST": WRITE},
    "withdraw_invitation": {"POST": WRITE},
    "wallet": {"GET": READ},
    "new_credit_request": {"GET": WRITE, "POST": WRITE},
    "plan": {"GET": READ},
    "signing_keys": {"GET": READ},
    "rotate_signing_key": {"GET": WRITE, "POST": WRITE},
    "revoke_signing_key": {"GET": WRITE, "POST": WRITE},
    "settings": {"GET": READ, "POST": WRITE},
    "public_settings": {"GET": READ, "POST": WRITE},
    "mail_settings": {"GET": READ, "POST": WRITE},
    "retry_mail": {"POST": WRITE},
    "api_keys": {"GET": READ},
    "new_api_key": {"GET": WRITE, "POST": WRITE},
    "revoke_api_key": {"GET": WRITE, "POST": WRITE},
    "audit_log": {"GET": WRITE},
    "audit_log_export": {"GET": WRITE},
    # earners/manage
    "earners": {"GET": READ},
    "import_earners": {"GET": WRITE, "POST": WRITE},
    "import_preview": {"GET": WRITE, "POST": WRITE},
    "import_failed": {"GET": WRITE},
    "drop_import": {"POST": WRITE},
    "earners_lists": {"GET": READ},
    "new_list": {"GET": WRITE, "POST": WRITE},
    "list": {"GET": READ},
    "edit_list": {"GET": WRITE, "POST": WRITE},
    "delete_list": {"GET": WRITE, "POST": WRITE},
    "export_list": {"GET": READ},
    "add_member": {"GET": WRITE, "POST": WRITE},
    "remove_members": {"POST": WRITE},
    "edit_member": {"GET": WRITE, "POST": WRITE},
    "earner": {"GET": READ},
    "edit_earner": {"GET": WRITE, "POST": WRITE},
    "allow_mails": {"POST": WRITE},
    "merge_earners": {"GET": WRITE, "POST": WRITE},
    "erase_earner": {"GET": WRITE, "POST": WRITE},
    # badges/manage: overview
    "dashboard": {"GET": READ},
    "verifiability": {"GET": READ, "POST": WRITE},
    # badges/manage: issuing and batches
    "issue": {"GET": ISSUE},
    "issue_recipients": {"GET": ISSUE, "POST": ISSUE},
    "issue_details": {"GET": ISSUE, "POST": ISSUE},
    "issue_summary": {"GET": ISSUE, "POST": ISSUE},
    "batches": {"GET": READ},
    "batch": {"GET": READ},
    "batch_progress": {"GET": READ},
    "batch_failed_rows": {"GET": READ},
    "pause_batch": {"POST": ISSUE},
    "resume_batch": {"POST": ISSUE},
    "stop_batch": {"GET": ISSUE, "POST": ISSUE},
    "retry_batch": {"GET": ISSUE, "POST": ISSUE},
    "reschedule_batch": {"GET": ISSUE, "POST": ISSUE},
    # badges/manage: badges
    "badges": {"GET": READ},
    "export_badges": {"GET": READ},
    "revoke_badges": {"GET": ISSUE, "POST": ISSUE},
    "revocation": {"GET": READ},
    "resend_badge_mails": {"GET": ISSUE, "POST": ISSUE},
    "badge": {"GET": READ},
    "edit_badge": {"GET": ISSUE, "POST": ISSUE},
    "revoke_badge": {"GET": ISSUE, "POST": ISSUE},
    "resend_badge_mail": {"POST": ISSUE},
    "download_badge": {"GET": READ},
    # badges/manage: templates
    "templates": {"GET": READ},
    "new_template": {"GET": WRITE, "POST": WRITE},
    "template_preview": {"POST": WRITE},
    "template_alignments": {"GET": WRITE},
    "template": {"GET": READ},
    "edit_template": {"GET": WRITE, "POST": WRITE},
    "duplicate_template": {"GET": WRITE, "POST": WRITE},
    "archive_template": {"GET": WRITE, "POST": WRITE},
    "restore_template": {"POST": WRITE},
    "publish_template": {"POST": WRITE},
    "template_versions": {"GET": READ},
    "template_version": {"GET": READ},
    "version_picture": {"GET": READ},
    # badges/manage: pictures and the designer
    "template_picture": {"GET": WRITE, "POST": WRITE},
    "remove_template_picture": {"GET": WRITE, "POST": WRITE},
    "template_background": {"POST": WRITE},
    "remove_template_background": {"GET": WRITE, "POST": WRITE},
    "version_background": {"GET": READ},
    "design_badge": {"GET": WRITE, "POST": WRITE},
    "design_preview": {"POST": WRITE},
    "design_sample": {"GET": READ},
    # badges/manage: learning paths and outcomes
    "paths": {"GET": READ},
    "new_path": {"GET": WRITE, "POST": WRITE},
    "path": {"GET": READ},
    "edit_path": {"GET": WRITE, "POST": WRITE},
    "retry_path_award": {"POST": ISSUE},
    "path_earner": {"GET": READ},
    "outcomes": {"GET": READ},
    "new_outcome": {"GET": WRITE, "POST": WRITE},
    "outcome": {"GET": READ},
    "edit_outcome": {"GET": WRITE, "POST": WRITE},
    "delete_outcome": {"GET": WRITE, "POST": WRITE},
    "new_outcome_secrets": {"GET": WRITE, "POST": WRITE},
    "outcome_record": {"GET": READ},
    "retry_outcome_record": {"POST": ISSUE},
    # claimcodes/manage
    "claim_codes": {"GET": READ},
    "new_claim_codes": {"GET": ISSUE, "POST": ISSUE},
    "claim_codes_sheet": {"GET": READ},
    "claim_codes_export": {"GET": READ},
    "claim_code": {"GET": READ},
    "update_claim_code": {"POST": ISSUE},
    "delete_claim_code": {"GET": WRITE, "POST": WRITE},
    "claim_code_qr": {"GET": READ},
    "event_screen": {"GET": READ},
    "event_counter": {"GET": READ},
}


def path_of(name: str, organization: Organization, things: Things) -> str:
    """Return where a page is for one of the things: parameters of addresses are named as tests/things.py names its ids."""
    patterns: Any = get_resolver().namespace_dict["manage"][1].reverse_dict.getlist(name)
    for possibilities, *_rest in patterns:
        for _text, parameters in possibilities:
            wanted = [parameter for parameter in parameters if parameter != "organization"]
            try:
                return reverse(
                    f"manage:{name}",
                    kwargs={"organization": organization.pk, **{one: things.ids[one] for one in wanted}},
                )
            except (KeyError, NoReverseMatch) as error:
                raise AssertionError(f"no thing for {name}: {wanted}") from error
    raise AssertionError(f"no page is called {name}")
