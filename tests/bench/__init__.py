"""`make bench`: what a request costs, beside a bare view that does the same database work.

**What is measured.** The portal's own command line of gunicorn (two sync workers, preloaded) on loopback, on a
real database with a real cache, loaded by two connections. Each operation of the daily work is compared with a
*bare view* in the same process, behind the same middleware (session, CSRF, language, headers): it runs the very
statements the portal's view ran for the same request (recorded once, see :mod:`tests.bench.recording`) through a
plain cursor, fetches every row and prints every value into a line of HTML or JSON. What it leaves out is what a
framework and a person need: models, forms, validation, permissions, templates, translation, the cache.

**How.** Portal and bare view take turns in short slices, A B A B, at both sizes within one run, so that a noisy
machine disturbs both alike; a ratio is the median of the ratios of neighbouring slices, a growth exponent the
median over rounds of log(cost at the large size / cost at the small one) by the ratio of the sizes. CPU is the
time the kernel gave to the processes of gunicorn and to the backends of PostgreSQL (SQLite runs inside
gunicorn). Queries are counted apart, before anything is timed. Timings never fail a run; a wrong answer or a
lost row does.
"""
