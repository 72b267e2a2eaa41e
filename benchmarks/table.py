"""Write benchmarks/README.md from what the benchmarks have kept in docs/benchmarks/.

python benchmarks/table.py
"""

import json
import sys

from scratch import PROJECT
from tree import LIMITS as TREE_LIMITS

INTRO = """# Benchmarks

`make bench` measures all of them, on SQLite and, where `DATABASE_URL` names one, on PostgreSQL,
and writes this page: what is measured stands in each script's first lines. Seconds are of one
machine on one day; what counts are the ratios of one run, and the limits on them. **Bold** is over
its limit. `+` behind a commit: files differed from it.

"""
DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def rows_of_country(kept):
    return kept["rows"]


def rows_of_opening(kept):
    (floor, plain), (name, took) = kept["seconds"].items()
    return [[floor, plain, "", None, None], [name, took, floor, kept["ratio"], kept["limit"]]]


def rows_of_tree(kept):
    """Of the larger tree; then how much longer each question takes in it than in the smaller."""
    (small, few), (large, many) = kept["seconds"].items()
    key, rows = "one row by its key", []
    for name, (most, growth) in TREE_LIMITS.items():
        rows.append([name, many[name], f"× {key}", many[name] / many[key], most])
        rows.append([name, None, f"growth from {small} to {large} units",
                     many[name] / few[name], growth])  # fmt: skip
    return rows


ROWS = {"country": rows_of_country, "opening": rows_of_opening, "tree": rows_of_tree}


def section(path):
    name, vendor = path.stem.rsplit("-", 1)
    kept = json.loads(path.read_text())
    sized = [f"{kept[key]:,} {key}" for key in ("figures", "reports") if key in kept]
    told = ", ".join([f"commit {kept['commit']}", f"seed {kept['seed']}",
                      f"medians of {kept['rounds']} rounds", *sized])  # fmt: skip
    lines = [
        f"## {name.replace('-', ' ')}, {DATABASES[vendor]}", "",
        f"`{kept['command']}`  ", f"{told}.", "",
        "| what | median | against | ratio | limit |", "|---|---:|---|---:|---:|",
        *(line(*row) for row in ROWS[name.split("-")[0]](kept)), "",
    ]  # fmt: skip
    return "\n".join(lines)


def line(name, seconds, against, times, limit):
    took = f"{seconds * 1000:,.1f} ms" if seconds else ""
    ratio = f"{times:.2f}" if times is not None else ""
    if limit and times > limit:
        ratio = f"**{ratio}**"
    return f"| {name} | {took} | {against} | {ratio} | {limit or ''} |"


def main():
    paths = sorted((PROJECT / "docs" / "benchmarks").glob("*.json"))
    page = INTRO + "\n".join(section(path) for path in paths)
    (PROJECT / "benchmarks" / "README.md").write_text(page)
    print(f"benchmarks/README.md: {len(paths)} runs")


if __name__ == "__main__":
    sys.exit(main())
