"""Organizations in the dialects of the APIs, and who asks through them."""
