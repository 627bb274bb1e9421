"""Command-line options of the search filters, written by ``make docs`` from ``anycarrier.search``."""

from __future__ import annotations

__all__ = ["OPTIONS"]

OPTIONS = (  # name of the filter, option, placeholder, help, whether it may be repeated, words to choose from
    ("area_code", "--area-code", "DIGITS", "area code, such as 201", True, ""),
    ("prefix", "--prefix", "DIGITS", "first digits, such as 201555", False, ""),
    ("ends_with", "--ends-with", "DIGITS", "last digits", False, ""),
    ("contains", "--contains", "DIGITS", "digits anywhere", False, ""),
    ("spells", "--spells", "LETTERS", "letters of the keypad anywhere in the number, such as TAXI", False, ""),
    ("excluding", "--excluding", "NUMBER", "not this number, or none that begins so, such as 201", True, ""),
    ("without", "--without", "DIGITS", "no number that has these digits anywhere, such as 4", True, ""),
    ("city", "--city", "NAME", "city", False, ""),
    ("state", "--state", "XX", "state or province, such as NJ", False, ""),
    ("postal_code", "--postal-code", "CODE", "postal code, such as 07624", False, ""),
    ("rate_center", "--rate-center", "NAME", "rate center, as the provider spells it", False, ""),
    ("lata", "--lata", "DIGITS", "LATA", False, ""),
    ("features", "--feature", "WORD", "voice, sms, mms, fax or emergency", True, "voice sms mms fax emergency"),
    ("line", "--line", "KIND", "kind of number, such as local", False, "local toll_free mobile national shared_cost"),
    ("max_price", "--max-price", "AMOUNT", "at most this per month, such as 1.50 or 1.50USD", False, ""),
    ("country", "--country", "XX", "country, such as US", False, ""),
    ("sort_by", "--sort-by", "FACT", "price: the cheapest first", False, "price"),
)
