"""Hook for PyInstaller: the commands, which the command line imports by name."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = collect_submodules("anycarrier.cli")
