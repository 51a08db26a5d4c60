"""Draws throughput.svg and latency.svg from the figures that `sweep` measured."""

import json
import os
import pathlib

import matplotlib

matplotlib.use("svg")
# The same figures give the same file.
matplotlib.rcParams.update({"svg.hashsalt": "tranche", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
from matplotlib import pyplot  # noqa: E402

HERE = pathlib.Path(__file__).parent
FIGURES = pathlib.Path(os.environ.get("FIGURES", HERE / "figures"))
DATABASES = {"postgres": ("PostgreSQL", "tab:blue"), "sqlite": ("SQLite", "tab:orange")}
QUANTILES = {"p50": "-", "p99": "--", "p999": ":"}


def figures(database):
    """The runs of one database by the number of callers, and the floor."""
    runs = [json.loads(path.read_text()) for path in FIGURES.glob(f"{database}-[0-9]*.json")]
    floor = FIGURES / f"{database}-floor.json"
    floor = json.loads(floor.read_text())["floor_per_second"] if floor.exists() else None
    return sorted(runs, key=lambda run: run["concurrency"]), floor


def axes_of_callers(axes, title, label):
    axes.set(title=title, xlabel="callers", ylabel=label, xscale="log")
    axes.set_xticks([1, 4, 16, 64, 256, 1024], ["1", "4", "16", "64", "256", "1024"])
    axes.minorticks_off()


def throughput():
    drawing, axes = pyplot.subplots(figsize=(7, 4))
    for database, (name, color) in DATABASES.items():
        runs, floor = figures(database)
        callers = [run["concurrency"] for run in runs]
        axes.plot(callers, [run["settled_per_second"] for run in runs], "o-", color=color, label=name)
        if floor:
            axes.axhline(floor, color=color, linestyle=":", label=f"{name}: the conventional design")
    axes_of_callers(axes, "Settled invoices a second", "settled / s")
    axes.set_ylim(bottom=0)
    axes.legend()
    save(drawing, "throughput.svg")


def latency():
    drawing, both = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True)
    for axes, key, title in zip(both, ("ack_ms", "settled_ms"), ("Acknowledged after", "Settlement readable after")):
        for database, (name, color) in DATABASES.items():
            runs, _ = figures(database)
            callers = [run["concurrency"] for run in runs]
            for quantile, line in QUANTILES.items():
                label = f"{name} {quantile.replace('p999', 'p99.9')}"
                axes.plot(callers, [run[key][quantile] for run in runs], line, color=color, label=label)
        axes_of_callers(axes, title, "ms")
        axes.set_yscale("log")
    both[0].legend()
    save(drawing, "latency.svg")


def save(drawing, name):
    drawing.tight_layout()
    drawing.savefig((HERE if FIGURES.parent == HERE else FIGURES) / name, metadata={"Date": None})


throughput()
latency()
