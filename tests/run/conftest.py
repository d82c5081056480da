import sys
from pathlib import Path

# Worker processes get this path too, and import the toy maker by its name.
sys.path.insert(0, str(Path(__file__).parent))
