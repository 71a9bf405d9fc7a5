"""
What a step costs, side by side: `python bench/bench_steps.py --help`.

The measurement itself is `bench.steps`; this file lets it be started by its name from anywhere.
"""

import runpy
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

if __name__ == "__main__":
    runpy.run_module("bench.steps", run_name="__main__")
