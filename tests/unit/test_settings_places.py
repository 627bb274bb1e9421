"""Settings as machines give them: variables with remains of other formats, and accounts files in containers."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AuthenticationFailed, Client, ConfigurationError
from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.engine.accounts import clean_token
from anycarrier.registry import account
from anycarrier.settings import SHARED, config_path, environment_value, read_accounts
from anycarrier_adapters.lc_phone import LCPhone

KEY = "0" * 32
TEXT = f'[accounts.main]\nprovider = "voicetel"\napi_key = "{KEY}"\n'


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("ANYCARRIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "accounts.toml"))


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        call()
    return str(caught.value)


# -- variables


@pytest.mark.parametrize("value", ["", " ", "\t\r\n"])
@pytest.mark.parametrize("setting", ["API_KEY", "ACCOUNT", "BASE_URL", "ALLOW_CUSTOM_BASE_URL", "USERNAME"])
def test_a_variable_that_is_set_and_empty_is_refused_and_nothing_else_is_used_instead(
    setting: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", KEY)
    monkeypatch.setenv(f"ANYCARRIER_VOICETEL_{setting}", value)
    assert f"ANYCARRIER_VOICETEL_{setting} is set and empty" in refused(lambda: Client("voicetel"))


def test_a_setting_that_is_given_wins_over_an_empty_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", "")
    Client("voicetel", api_key=KEY).close()


@pytest.mark.parametrize("quote", ["'", '"', "`"])
@pytest.mark.parametrize("name", ["ANYCARRIER_VOICETEL_API_KEY", "ANYCARRIER_VOICETEL_BASE_URL"])
def test_quotes_that_a_file_of_variables_kept_are_refused(
    name: str, quote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", KEY)
    monkeypatch.setenv(name, f"{quote}https://secret.example{quote}")
    said = refused(lambda: Client("voicetel"))
    assert f"{name} is in quotes" in said
    assert "secret" not in said


@pytest.mark.parametrize("value", ["${SECRET_KEY}", "$SECRET_KEY", "%SECRET_KEY%", "{{ secret_key }}"])
def test_a_variable_that_nothing_filled_in_is_sent_from_nowhere(
    value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", value)
    said = refused(lambda: Client("voicetel"))
    assert "ANYCARRIER_VOICETEL_API_KEY holds the name of a variable" in said
    path = tmp_path / "accounts.toml"
    path.write_text(TEXT.replace(KEY, value))
    path.chmod(0o600)
    in_file = refused(lambda: account("main", path))
    assert "api_key holds the name of a variable" in in_file
    for one in (said, in_file):
        assert "SECRET" not in one.upper()
        assert "is missing" not in one, "it is there, and wrong"


@pytest.mark.parametrize("value", ["${x}y", "$ecret-word", "100%", "$5"])
def test_a_password_with_such_signs_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_USERNAME", "1000000002")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_PASSWORD", value)
    Client("voicetel").close()


def test_a_token_in_quotes_is_sent_from_nowhere(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationFailed, match="quotes"):
        clean_token(f"'{KEY}'")
    assert "quotes" in refused(lambda: Client("voicetel", api_key=f'"{KEY}"'))
    path = tmp_path / "accounts.toml"
    path.write_text(TEXT.replace(f'"{KEY}"', f"'\"{KEY}\"'"))
    path.chmod(0o600)
    assert "quotes" in refused(lambda: account("main", path))


def test_white_space_and_line_ends_around_a_value_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", f" {KEY}\r\n")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_ACCOUNT", "main\r")
    with Client("voicetel") as phone:
        assert phone.provider.account == "main"


def test_what_cannot_be_printed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", f"{KEY[:-1]}\udcff")
    assert "cannot be printed" in refused(lambda: Client("voicetel"))


@pytest.mark.parametrize("name", ["ANYCARRIER_PROVIDER", "ANYCARRIER_JOURNAL", "ANYCARRIER_CONFIG"])
@pytest.mark.parametrize("value", ["", " ", "'x'"])
def test_a_variable_that_chooses_and_says_nothing_buys_nothing(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv(name, value)
    tail = ["--account", "main"] if name == "ANYCARRIER_CONFIG" else []
    assert main(["buy", "2015550100", "--yes", *tail]) == Exit.USAGE
    assert name in capsys.readouterr().err


def test_environment_value_of_what_is_not_set() -> None:
    assert environment_value("ANYCARRIER_NOTHING") is None


# -- where a missing setting is looked for


def test_a_named_account_says_that_its_key_belongs_into_the_file_and_names_no_variable(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text('[accounts.main]\nprovider = "voicetel"\n[accounts.lc]\nprovider = "lc_phone"\nlocation_id = "a"\n')
    path.chmod(0o600)
    for name in ("main", "lc"):
        said = refused(lambda name=name: account(name, path))  # type: ignore[misc]
        assert f"in {path} under [accounts.{name}]" in said
        assert "ANYCARRIER_" not in said


def test_from_the_environment_it_names_the_variable_and_a_class_names_neither() -> None:
    assert "in the environment as ANYCARRIER_VOICETEL_API_KEY" in refused(lambda: Client("voicetel"))
    assert "in the environment as ANYCARRIER_LC_PHONE_TOKEN" in refused(lambda: Client("lc_phone", location_id="a"))
    assert "ANYCARRIER" not in refused(lambda: LCPhone(location_id="a"))


# -- the accounts file


def secret(folder: Path, mode: int) -> Path:
    """An accounts file as Kubernetes mounts one: through two links."""
    (folder / "..data_1").mkdir(exist_ok=True)
    real = folder / "..data_1" / "accounts.toml"
    real.write_text(TEXT)
    real.chmod(mode)
    for link, to in ((folder / "..data", "..data_1"), (folder / "accounts.toml", "..data/accounts.toml")):
        if not link.is_symlink():
            link.symlink_to(to)
    return folder / "accounts.toml"


def owned_by(owner: int, monkeypatch: pytest.MonkeyPatch, *, readonly: bool = False) -> None:
    """Let files belong to *owner*, and lie on a mount for reading only."""
    real, mount = os.fstat, os.fstatvfs

    def fstat(file: int) -> os.stat_result:
        found = list(real(file))
        if stat.S_ISREG(found[stat.ST_MODE]):
            found[stat.ST_UID] = owner
        return os.stat_result(found)

    def fstatvfs(file: int) -> Any:
        found = mount(file)
        flags = found.f_flag | os.ST_RDONLY if readonly else found.f_flag & ~os.ST_RDONLY
        return os.statvfs_result((*found[:8], flags, found[9]))

    monkeypatch.setattr(os, "fstat", fstat)
    monkeypatch.setattr(os, "fstatvfs", fstatvfs)


def is_taken(path: Path) -> bool:
    try:
        return set(read_accounts(path)) == {"main"}
    except ConfigurationError as error:
        assert "chmod 600" in str(error)
        return False


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(
    ("mode", "owner", "folder", "readonly", "taken"),
    [
        (0o600, "us", 0o755, False, True),
        (0o400, "us", 0o755, False, True),
        (0o640, "us", 0o755, False, False),
        (0o644, "us", 0o755, False, False),
        (0o444, "us", 0o755, False, False),
        (0o640, "root", 0o755, False, True),
        (0o440, "root", 0o755, False, True),
        (0o660, "root", 0o755, False, False),
        (0o644, "root", 0o755, False, False),
        (0o444, "root", 0o755, False, False),
        (0o444, "us", 0o700, False, True),
        (0o444, "root", 0o700, False, True),
        (0o444, "other", 0o700, False, False),
        (0o644, "us", 0o700, False, False),
        (0o444, "root", 0o755, True, True),
        (0o644, "other", 0o755, True, True),
        (0o666, "us", 0o700, False, False),
    ],
)
def test_others_may_not_read_it_unless_they_cannot_reach_it(
    mode: int, owner: str, folder: int, readonly: bool, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with tempfile.TemporaryDirectory() as made:
        # The folders themselves are ours, and what stands above them is open to all.
        Path(made).chmod(folder)
        path = secret(Path(made), mode)
        real = Path.stat

        def status(self: Path, **more: Any) -> os.stat_result:
            found = list(real(self, **more))
            found[stat.ST_UID] = 1000
            if self != Path(made):
                found[stat.ST_MODE] |= 0o111
            return os.stat_result(found)

        monkeypatch.setattr(Path, "stat", status)
        owned_by({"us": 1000, "root": 0, "other": 1001}[owner], monkeypatch, readonly=readonly)
        assert is_taken(path) is taken


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_setting_says_that_others_are_meant_to_read_it_but_never_that_they_may_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(TEXT)
    path.chmod(0o644)
    assert SHARED in refused(lambda: read_accounts(path))
    monkeypatch.setenv(SHARED, "no")
    assert not is_taken(path)
    monkeypatch.setenv(SHARED, "yes")
    assert is_taken(path)
    path.chmod(0o666)
    assert "others may write it" in refused(lambda: read_accounts(path))


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf\r\n" + TEXT.encode()],
    ids=["mark", "crlf", "both"],
)
def test_a_file_from_an_editor_of_windows_is_read(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.touch(0o600)
    path.write_bytes(content)
    assert account("main", path).name == "voicetel"


def test_a_name_that_no_file_can_have_is_no_setting() -> None:
    assert "not the name of a file" in refused(lambda: read_accounts(Path("a\0b")))


def test_the_file_may_be_named_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANYCARRIER_CONFIG", "~/accounts.toml")
    assert config_path() == tmp_path / "accounts.toml"
    monkeypatch.setenv("ANYCARRIER_CONFIG", "~nobody-of-that-name/accounts.toml")
    assert "ANYCARRIER_CONFIG" in refused(config_path)


def test_a_relative_configuration_folder_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYCARRIER_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "config")
    assert config_path() == tmp_path / ".config" / "anycarrier" / "accounts.toml"


def test_without_a_home_folder_there_is_no_file_and_a_named_one_is_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("ANYCARRIER_CONFIG")
    assert read_accounts() == {}
    assert "ANYCARRIER_CONFIG" in refused(lambda: account("main"))
    (tmp_path / "accounts.toml").write_text(TEXT)
    (tmp_path / "accounts.toml").chmod(0o600)
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "accounts.toml"))
    assert account("main").name == "voicetel"
