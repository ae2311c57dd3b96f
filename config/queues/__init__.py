"""What tells a worker to look at something at once: the queue of django-tasks, in the database or in Redis.

Whatever a queue loses, the worker finds by the rows of the domain; so a queue may lose tasks, and run one twice.
"""
