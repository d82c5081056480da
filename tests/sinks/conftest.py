import sys
from pathlib import Path

# The toy rows are taken by their name, by tests of other rooms too.
sys.path.insert(0, str(Path(__file__).parent))
