import sys
from pathlib import Path

# The tests of this folder share the module grilse_presets.
sys.path.insert(0, str(Path(__file__).parent))
