"""The commands: one function with its row above it is all that a new command adds to the parser.

The function adds the command's own options, and its docstring is the description in the help. The row names the
function that runs the command, in a module that is imported only then.
"""

from __future__ import annotations

# The order of these is the order of the help.
from anycarrier.cli.commands import purchases, jobs, numbers, ports, native, tools  # isort: skip
from anycarrier.cli.commands.table import COMMANDS, Command

__all__ = ["COMMANDS", "Command", "jobs", "native", "numbers", "ports", "purchases", "tools"]
