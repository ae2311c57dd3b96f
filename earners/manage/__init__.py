"""The issuers' pages about earners and lists of them."""
