"""The issuers' pages about templates, badges, issuing, learning paths and outcomes."""
