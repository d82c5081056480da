"""How the pages become a site: `make docs` puts it into build/docs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from grilse.ground.version import __version__

project = "Grilse"
author = "the authors of Grilse"
html_show_copyright = False
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "pages"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["build"]
nitpicky = False

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False

html_theme = "furo"
html_title = f"Grilse {version}"
html_copy_source = False
html_show_sphinx = False
