"""Hook for PyInstaller: modules that a program with ``anycarrier`` needs and does not name itself."""

from PyInstaller.utils.hooks import collect_entry_point, collect_submodules

# These are named by programs that want them, and would bring pytest, a web server or a command line along.
LEFT = ("anycarrier.testing", "anycarrier.cli", "anycarrier.freezing", "anycarrier.simulator.server")


def wanted(name: str) -> bool:
    """Return whether the module called *name* is imported by name from within."""
    return not name.startswith(LEFT)


# Adapters of other packages are found by their entry points, which need their metadata.
datas, hiddenimports = collect_entry_point("anycarrier.providers")
hiddenimports += collect_submodules("anycarrier", filter=wanted) + collect_submodules("anycarrier_adapters")
