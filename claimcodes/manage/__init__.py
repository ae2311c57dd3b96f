"""The issuers' pages about claim codes."""
