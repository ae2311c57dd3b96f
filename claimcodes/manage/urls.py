"""The addresses of the issuers' pages about claim codes; below /manage/<organization>/."""

from django.urls import path

from claimcodes.manage import claim_codes

CODE = "claim-codes/<uuid:code_id>"

urlpatterns = [
    path("claim-codes", claim_codes.claim_codes, name="claim_codes"),
    path("claim-codes/new", claim_codes.new_claim_codes, name="new_claim_codes"),
    path("claim-codes/sheet", claim_codes.claim_codes_sheet, name="claim_codes_sheet"),
    path("claim-codes/export", claim_codes.claim_codes_export, name="claim_codes_export"),
    path(CODE, claim_codes.claim_code, name="claim_code"),
    path(f"{CODE}/change", claim_codes.change_claim_code, name="update_claim_code"),
    path(f"{CODE}/delete", claim_codes.remove_claim_code, name="delete_claim_code"),
    path(f"{CODE}/qr.<str:ending>", claim_codes.claim_code_qr, name="claim_code_qr"),
    path(f"{CODE}/event", claim_codes.event_screen, name="event_screen"),
    path(f"{CODE}/event/counter", claim_codes.event_counter, name="event_counter"),
]
