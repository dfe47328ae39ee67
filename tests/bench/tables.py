"""What was measured, as tables for people."""

from collections.abc import Iterable, Iterator

MOST_CPU = 3.0
MOST_GROWTH = 0.1
MOST_MEMORY = 2.0
_COLUMNS = f"{'req/s':>7}{'p50':>7}{'p95':>7}{'app':>7}{'db':>6}{'q':>5}"
HEAD = "\n".join(
    [
        f"{'ms, CPU in ms a request':35} | {'portal':^39} | {'bare view':^39} | {'portal / bare':^20}",
        f"{'operation':26}{'rows':>9} | {_COLUMNS} | {_COLUMNS} | {'CPU':>6}{'app':>7}{'p50':>7}",
    ]
)


def line(result: dict) -> str:
    """Return the row of one operation at one size."""
    ratio = result["ratios"]
    return (
        f"{result['title']:26}{number(result['rows']):>9} | {_side(result['portal'])} | {_side(result['bare'])} | "
        f"{ratio['cpu']:>6.2f}{ratio['application_cpu']:>7.2f}{ratio['latency']:>7.2f}"
    )


def _side(figures: dict) -> str:
    return (
        f"{figures['requests_per_second']:>7.0f}{figures['p50_ms']:>7.1f}{figures['p95_ms']:>7.1f}"
        f"{figures['application_cpu_ms']:>7.2f}{figures['database_cpu_ms']:>6.2f}{figures['queries']:>5.1f}"
    )


def growth_table(results: list[dict]) -> Iterator[str]:
    """Yield the lines of the exponents by which CPU grows with the rows."""
    grown = [result for result in results if "growth" in result]
    if not grown:
        return
    yield f"{'growth of CPU with the rows':35} | {'portal':>8} | {'bare view':>9}"
    for result in grown:
        yield f"{result['title']:35} | {result['growth']['portal']:>+8.3f} | {result['growth']['bare']:>+9.3f}"


def figures_table(figures: dict) -> Iterator[str]:
    """Yield the lines of the figures beside SQL by hand, of an entry with and without its tallies, and of plans."""
    heads = f"{'CPU':>11}{'wall':>8} | {'CPU':>8}{'wall':>8} | {'CPU':>6}{'wall':>7}"
    yield f"{'figures of reports, s':35} | {'portal':^19} | {'SQL by hand':^16} | {'portal / SQL':^13}"
    yield f"{'':35} | {heads}"
    for title, found in figures["reports"].items():
        portal, by_hand = found["portal"], found["by_hand"]
        yield (
            f"{title:35} | {portal['cpu']:>11.3f}{portal['wall']:>8.3f} | {by_hand['cpu']:>8.3f}{by_hand['wall']:>8.3f}"
            f" | {found['ratio']['cpu']:>6.2f}{found['ratio']['wall']:>7.2f}"
        )
    entry = figures["entry"]
    yield f"{'one entry, ms':35} | {'CPU':>8} | {'wall':>9}"
    for name, title in (("with", "with its tallies"), ("without", "without")):
        yield f"{title:35} | {entry[name]['cpu'] * 1000:>8.2f} | {entry[name]['wall'] * 1000:>9.2f}"
    for title, plan in figures["plans"].items():
        yield f"{title}: {plan}"


def memory_table(memory: dict) -> Iterator[str]:
    """Yield the lines of a worker's memory."""
    yield f"{'memory of one worker, MB':35} | {'RSS':>8} | {'PSS':>9}"
    for name in ("portal", "bare"):
        yield f"{name:35} | {memory[name]['rss']:>8.1f} | {memory[name]['pss']:>9.1f}"
    yield f"{'portal / bare':35} | {memory['rss_ratio']:>8.2f} | {memory['pss_ratio']:>9.2f}"


def verdicts(results: list[dict], memory: dict) -> Iterator[tuple[str, bool]]:
    """Yield each target that is measured, in words with its figure, and whether it is met."""
    for result in results:
        where = f"{result['title']} at {number(result['rows'])}"
        cpu, queries = result["ratios"]["cpu"], result["portal"]["queries"]
        yield f"{where}: CPU {cpu:.2f} of the bare view's, at most {MOST_CPU}", cpu <= MOST_CPU
        most = result["most_queries"]
        yield f"{where}: {queries:.1f} queries, at most {most}", queries <= most
        if "growth" in result:
            exponent = result["growth"]["portal"]
            yield f"{result['title']}: growth {exponent:+.3f}, at most {MOST_GROWTH}", exponent <= MOST_GROWTH
    for name in ("rss", "pss"):
        ratio = memory[f"{name}_ratio"]
        yield f"{name.upper()} of a worker {ratio:.2f} of a bare one's, at most {MOST_MEMORY}", ratio <= MOST_MEMORY


def verdict_table(found: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Yield how many targets are met, and each that is not."""
    judged = list(found)
    yield f"targets met: {sum(met for _words, met in judged)} of {len(judged)}"
    for words, met in judged:
        if not met:
            yield f"  missed  {words}"


def number(value: int) -> str:
    """Return a whole number with dots: 20.000."""
    return f"{value:,}".replace(",", ".")
