"""A provider's recordings, replayed: subclass :class:`CassetteContract` and name the folder and the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from anycarrier.features import FEATURES, OPERATIONS
from anycarrier.testing.cassette_file import CassetteInfo, cassettes, play_step, provenance
from anycarrier.testing.fakes import Mode
from anycarrier.testing.provider_case import ProviderCase
from anycarrier.testing.recording import Steps

__all__ = ["CassetteContract"]


class CassetteContract(ProviderCase):
    """Cases that replay recordings through the HTTP library.

    Attributes:
        folder: the cassettes, one for each step.
        steps: the recipe that records and replays them.
        literally: by step, a function that asserts the exact values of its cassette; it is not called for recordings,
            whose values are those of an account.
    """

    folder: ClassVar[Path]
    steps: ClassVar[Steps]
    literally: ClassVar[Mapping[str, Callable[[Any], None]]] = {}

    def provider(self, base_url: str) -> object:
        return self.steps.provider(**self.steps.settings, base_url=base_url)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each step is a case."""
        if "step" in metafunc.fixturenames:
            metafunc.parametrize("step", self.steps.steps)

    def test_a_cassette_is_replayed(self, step: str, mode: Mode) -> None:
        cassette = self.folder / f"{step}.yaml"
        assert cassette.exists(), f"there is no cassette for the step {step}"
        answer = play_step(self.steps, step, cassette, mode)
        if step in self.literally and CassetteInfo.of(cassette).from_documents:
            self.literally[step](answer)

    def test_every_cassette_has_a_step(self) -> None:
        assert not cassettes(self.folder).keys() - self.steps.steps.keys()
        assert not self.literally.keys() - self.steps.steps.keys()

    def test_every_operation_has_a_step(self) -> None:
        shown = [
            *(operation for operation in OPERATIONS if operation != "route"),
            *(feature for feature in FEATURES if feature.startswith("route.")),
        ]
        missing = [
            feature
            for feature in shown
            if self.can(feature) and not any(step.startswith(feature.replace(".", "_")) for step in self.steps.steps)
        ]
        assert not missing

    def test_it_is_said_where_each_cassette_comes_from(self) -> None:
        page = self.folder / "PROVENANCE.md"
        assert page.exists(), "say in PROVENANCE.md where the cassettes come from"
        assert page.read_text(encoding="utf-8") == provenance(self.folder)
