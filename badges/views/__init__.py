"""The public side of badges: permanent addresses that answer pages to people and documents to programs."""
