"""Files for others: rows in, bytes out; they know nothing of HTTP."""
