"""
How a proof grows: `python bench/bench_proof.py --help`.

The measurement itself is `bench.proofs`; this file lets it be started by its name from anywhere.
"""

import runpy
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

if __name__ == "__main__":
    runpy.run_module("bench.proofs", run_name="__main__")
