"""The dialect of the issuer API: Laravel's envelopes, lists, errors and ways of reading a request."""
