"""The console command as a module: `python -m padwijzer.workflows.cli`."""

import sys

from padwijzer.workflows.cli import main

if __name__ == "__main__":
    sys.exit(main())
