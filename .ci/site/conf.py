"""Sphinx settings of the site; ``build.py`` lays its sources out and starts it."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]

from anycarrier import __version__  # noqa: E402

project = "anycarrier"
author = "The anycarrier authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "references",
]
nitpicky = True
root_doc = "index"
exclude_patterns: list[str] = []
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

myst_heading_anchors = 6
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True}
python_maximum_signature_line_length = 88
python_display_short_literal_types = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"anycarrier {release}"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_show_search_summary = False  # it needs a server
html_domain_indices = ["py-modindex"]
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
