"""The test suite, and the commands that run it: `python -m tests`, `python -m tests.check`."""
