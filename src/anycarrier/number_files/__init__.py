"""Files of numbers and what is desired of them: CSV as spreadsheets write it, with profiles in TOML beside it.

:func:`states_to_csv` writes what is, :func:`read_desired` reads what is wanted. What is written and read back unchanged
wants nothing else than what is.
"""

from __future__ import annotations

from anycarrier.number_files.numbers import number_in_cell
from anycarrier.number_files.port_orders import (
    PortNumbers,
    port_variables,
    read_port_details,
    read_port_numbers,
    read_port_order,
)
from anycarrier.number_files.problems import WrongFile
from anycarrier.number_files.profiles import profiles_from_toml
from anycarrier.number_files.reading import desired_from_csv, read_desired, read_profiles
from anycarrier.number_files.writing import states_to_csv

__all__ = [
    "PortNumbers",
    "WrongFile",
    "desired_from_csv",
    "number_in_cell",
    "port_variables",
    "profiles_from_toml",
    "read_desired",
    "read_port_details",
    "read_port_numbers",
    "read_port_order",
    "read_profiles",
    "states_to_csv",
]
