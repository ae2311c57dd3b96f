"""The Open Badges standards as pure functions: values in, dict, text or bytes out.

Nothing in here knows an ORM, a request or settings.
"""
