"""Port orders in a private file (TOML), in the environment, or in both.

What an order says of the subscriber is secret: the file is readable by its owner alone, and a value of the environment
(``ANYCARRIER_PORT_PIN`` and its like) counts for more than that of the file::

    subscriber = "Example Inc"
    subscriber_kind = "business"
    account_number = "100200300"
    pin = "4321"
    billing_number = "+12015550123"
    authorized_person = "Ann Example"
    numbers = "numbers.csv"

    [service_address]
    street_number = "411"
    street = "Hackensack"
    street_type = "AVE"
    city = "Hackensack"
    state = "NJ"
    postal_code = "07601"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from attrs import evolve, fields, frozen

from anycarrier.desired_state import Desired
from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput
from anycarrier.hints import checked
from anycarrier.model import Money
from anycarrier.number_files.problems import WrongFile
from anycarrier.number_files.profiles import desired, value_of
from anycarrier.number_files.reading import desired_from_csv, read_desired, text_of
from anycarrier.ports import PortDetails, PortOrder, ServiceAddress
from anycarrier.settings import PREFIX, environment_value, private_text
from anycarrier.suggestions import meant_or_all
from anycarrier.validation import shape

__all__ = ["PortNumbers", "port_variables", "read_port_details", "read_port_numbers", "read_port_order"]

_ADDRESS = tuple(one.name for one in fields(ServiceAddress))
_DETAILS = tuple(one.name for one in fields(PortDetails) if one.name != "service_address")
_OWN = ("numbers", "setup", "max_fee", "reference")
_REQUIRED = ("subscriber", "subscriber_kind", "account_number", "billing_number", "authorized_person")
_ADDRESS_REQUIRED = ("street_number", "street", "street_type", "city", "state", "postal_code")


def port_variables() -> dict[str, str]:
    """The environment's variables for what a port order says of its subscriber, by the names of the values."""
    return {name: f"{PREFIX}_PORT_{name.upper()}" for name in (*_DETAILS, *_ADDRESS)}


@frozen(kw_only=True)
class PortNumbers:
    """The part of a port order that says nothing of its subscriber.

    Attributes:
        numbers: the numbers, each with its settings.
        max_fee: most that the provider may charge for the order as a whole.
        reference: the caller's own name for what it is for.
    """

    numbers: tuple[Desired, ...]
    max_fee: Money
    reference: str | None = None


@checked
def read_port_numbers(file: str | Path, *, max_fee: Money | None = None) -> PortNumbers:
    """The numbers of a port order in a private file; what that says of its subscriber is not read.

    Args:
        file: path of the TOML.
        max_fee: most that the order may cost, instead of the file's.

    Raises:
        WrongFile: something is missing or wrong; all problems at once, none of which quotes a secret.
        ConfigurationError: others may read the file.
    """
    name, document = _document(file)
    problems = _unknown(document)
    made = _own(document, file, None, max_fee, problems)
    if problems:
        raise WrongFile(name, problems)
    setup = made["setup"]
    try:
        wanted = [one if isinstance(one, Desired) else Desired(one) for one in made["numbers"]]
    except AnyCarrierError as error:
        raise WrongFile(name, [f"numbers: {error.message}"]) from None
    numbers = tuple(one if setup is None or [*one.values()] else evolve(setup, number=one.number) for one in wanted)
    return PortNumbers(numbers=numbers, max_fee=made["max_fee"], reference=made["reference"])


@checked
def read_port_details(file: str | Path | None = None, *, numbers: bool = False) -> PortDetails:
    """Details of a subscriber, of a private file and the environment.

    Args:
        file: path of the TOML; ``None`` for the environment alone.
        numbers: whether they are for the numbers that the file lists alone, where it lists some: they are a
            ``PortOrder`` then, whose fee may be nothing, since it is no order by itself.

    Raises:
        WrongFile: something is missing or wrong; all problems at once, none of which quotes a secret.
        ConfigurationError: others may read the file, or a variable has no value.
    """
    name, document = _document(file)
    details, problems = _details(document)
    kind: Any = PortDetails
    if numbers and "numbers" in document:
        kind = PortOrder
        own = _own(document, file, None, Money(0), problems)
        details |= {member: own.get(member) for member in ("numbers", "max_fee")}
    if not problems:
        try:
            details_of: PortDetails = kind(**details)
            return details_of
        except InvalidInput as error:
            problems.append(error.message)
    raise WrongFile(name, problems)


@checked
def read_port_order(
    file: str | Path | None = None, *, numbers: Sequence[Desired] | None = None, max_fee: Money | None = None
) -> PortOrder:
    """A port order, of a private file and the environment.

    Args:
        file: path of the TOML; ``None`` for the environment alone.
        numbers: numbers of the order, instead of those that the file lists or whose CSV it names.
        max_fee: most that the order may cost, instead of the file's.

    Raises:
        WrongFile: something is missing or wrong; all problems at once, none of which quotes a secret.
        ConfigurationError: others may read the file, or a variable has no value.
    """
    name, document = _document(file)
    made, problems = _details(document)
    made |= _own(document, file, numbers, max_fee, problems)
    if not problems:
        try:
            return PortOrder(**made)
        except InvalidInput as error:
            problems.append(error.message)
    raise WrongFile(name, problems)


def _own(
    document: Mapping[str, Any],
    file: str | Path | None,
    numbers: Sequence[Desired] | None,
    max_fee: Money | None,
    problems: list[str],
) -> dict[str, Any]:
    """Values that an order states of its numbers; what is wrong with them is added to *problems*."""
    own: dict[str, Any] = {
        "numbers": lambda: _numbers(document.get("numbers"), file) if numbers is None else numbers,
        "setup": lambda: _setup(document.get("setup")),
        "max_fee": lambda: _money(document.get("max_fee")) if max_fee is None else max_fee,
        "reference": lambda: document.get("reference"),
    }
    made: dict[str, Any] = {}
    for member, read in own.items():
        try:
            made[member] = read()
        except WrongFile as wrong:
            problems += [f"{member}: {problem}" for problem in wrong.problems]
        except InvalidInput as error:
            problems.append(f"{member}: {error.message}")
    return made


def _unknown(document: Mapping[str, Any]) -> list[str]:
    known = (*_DETAILS, "service_address", *_OWN)
    return [f"there is no {shape(key)}{meant_or_all(key, known)}" for key in document if key not in known]


def _document(file: str | Path | None) -> tuple[str, Mapping[str, Any]]:
    """The file's name for messages, and its content."""
    if file is None:
        return "the port order", {}
    path = Path(file)
    text = private_text(path, "port order")
    if text is None:
        raise ConfigurationError(f"there is no file {path}")
    try:
        return path.name, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The text of the error may quote a line; its place does not.
        where = str(error).rpartition("(")[2].rstrip(")") if "(" in str(error) else "somewhere"
        raise WrongFile(path.name, [f"it is not TOML ({where})"]) from None
    except (ValueError, RecursionError):
        raise WrongFile(path.name, ["it is not TOML: it holds what no order does"]) from None


def _details(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Values that an order states of the subscriber, and what is wrong with them."""
    problems = _unknown(document)
    found = {name: document[name] for name in _DETAILS if name in document}
    address = document.get("service_address", {})
    if not isinstance(address, Mapping):
        problems.append("service_address must be a table: [service_address]")
        address = {}
    problems += [
        f"service_address has no {shape(key)}; it has {', '.join(_ADDRESS)}" for key in address if key not in _ADDRESS
    ]
    parts = {name: address[name] for name in _ADDRESS if name in address}
    for name, variable in port_variables().items():
        value = environment_value(variable)
        if value is not None:
            (parts if name in _ADDRESS else found)[name] = value
    lacking = [name for name in _REQUIRED if name not in found]
    lacking += [f"service_address.{name}" for name in _ADDRESS_REQUIRED if name not in parts]
    if lacking:
        problems.append(f"it lacks {', '.join(lacking)}; the environment may have {PREFIX}_PORT_... instead")
    if isinstance(found.get("due_date"), str):
        try:
            found["due_date"] = date.fromisoformat(found["due_date"])
        except ValueError:
            problems.append("due_date must be such as 2026-12-15")
    if not problems:
        try:
            found["service_address"] = ServiceAddress(**parts)
        except InvalidInput as error:
            problems.append(f"service_address: {error.message}")
    return found, problems


def _numbers(stated: object, file: str | Path | None) -> Sequence[Any]:
    """Numbers of a list, or of the CSV that is named, beside the file where its path is relative."""
    if isinstance(stated, str):
        path = (Path() if file is None else Path(file)).parent / stated
        if file is not None and path.with_suffix(".toml") == Path(file):
            return desired_from_csv(text_of(path), name=path.name)  # that file has no profiles
        return read_desired(path)
    if isinstance(stated, list):
        return stated
    raise InvalidInput("it must be a list of numbers, or the name of a CSV with a column number")


def _setup(stated: object) -> Desired | None:
    if stated is None:
        return None
    if not isinstance(stated, Mapping):
        raise InvalidInput("it must be a table: [setup]")
    return desired(None, {key: value_of(key, value) for key, value in stated.items()})


def _money(stated: object) -> Money:
    if stated is None:
        raise InvalidInput("the most that the order may cost is missing, such as max_fee = '12 USD'")
    amount, _, currency = str(stated).partition(" ")
    try:
        return Money(amount, currency or "USD")
    except AnyCarrierError:
        raise InvalidInput(f"it must be such as '12 USD', not {shape(stated)}") from None
