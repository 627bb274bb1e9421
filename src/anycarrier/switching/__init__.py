"""Switches: the numbers of one account move to another, by a plan that a person reads first.

A client plans one (``plan_switch``), carries it on over days (``apply``), says how far it has come (``status``), takes
it back (``undo``) and plans which old numbers are released (``finish_switch``). Here are the rules of a
switch, and the files that have them.
"""

from anycarrier.switching.files import moves_from_csv, read_moves, read_rules, rules_from_toml
from anycarrier.switching.rules import Move, SwitchRules

__all__ = ["Move", "SwitchRules", "moves_from_csv", "read_moves", "read_rules", "rules_from_toml"]
