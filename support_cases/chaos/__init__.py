"""A rehearsal of disaster: real workers killed, the broker wiped, the mail server in a bad mood, the clock moved.

Everything happens on a scratch folder with a database, a broker and a mail server of its own.
"""
