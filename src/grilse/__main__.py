"""Let ``python -m grilse`` do what ``grilse`` does."""

import sys

from grilse.cli.main import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
