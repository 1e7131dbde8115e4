"""How Sphinx builds the pages of this folder; see `contributing.md` for the commands."""

import sys
from importlib.metadata import version as find_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extension"))

project = "headertls"
author = "The headertls developers"
project_copyright = "2026, The headertls developers"
version = release = find_version("headertls")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "headertls_pages",
]
exclude_patterns = ["_extension"]

# Pages
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# `(section 5)` and straight quotes are what the text means
smartquotes = False

# Docstrings write code in single backticks; what is a name of the library becomes a link.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
add_module_names = False

html_theme = "furo"
html_title = f"headertls {release}"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
