"""The issuers' pages: what a member does for an organization in the browser."""
