"""The door: settings, urls, accounts, templates and the Celery app. No business rule lives here.

The Celery app is not imported here: whatever queues a task imports it with the task, and a web worker that queues
none is spared the library.
"""
