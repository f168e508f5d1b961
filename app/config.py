"""Every setting of Foyer: its variable, default and meaning, read from the environment once."""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LANGUAGES = {"en": "English", "de": "Deutsch"}
SAMPLE_JUDGED = Path(__file__).parent / "demo" / "content" / "judged_queries.jsonl"


class ConfigError(ValueError):
    """A setting is missing or malformed; the message names its variable."""


def _switch(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("use 1 or 0")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("use a whole number of at least 1")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("use a whole number of at least 0")
    return number


def _group(text: str) -> int:
    number = int(text)
    if number < 5:
        raise ValueError("use a whole number of at least 5")
    return number


def _one_of(*names: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"use one of {', '.join(names)}")
        return text

    return parse


def _file(text: str) -> Path | None:
    return Path(text).absolute() if text else None


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("use an address such as https://learn.example.com")
    return text.rstrip("/")


def _mail(text: str) -> str:
    parts = urlsplit(text)
    known = parts.scheme in {"smtp", "smtps"} and parts.hostname
    if text and not known and not (parts.scheme == "folder" and parts.path):
        raise ValueError("use smtp://host:587, smtps://host, or folder:/path")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("use a name such as Europe/Berlin") from error
    return text


def _setting(default: str, parse: Callable[[str], Any], meaning: str) -> Any:
    return field(metadata={"default": default, "parse": parse, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one running Foyer, checked."""

    data_dir: Path = _setting("var", Path, "Folder for the database, index, models and secret key")
    database_url: str = _setting("", str, "Database address; empty means SQLite in the data folder")
    secret_key: str = _setting(
        "", str, "Signs cookies; empty means one made and kept in the data folder"
    )
    base_url: str = _setting(
        "http://127.0.0.1:8000", _address, "Address that readers use to reach Foyer"
    )
    bind: str = _setting("127.0.0.1:8000", str, "Host and port that the web server listens on")
    web_workers: int = _setting("1", _positive, "Web server processes")
    web_threads: int = _setting("8", _positive, "Threads in each web server process")
    trusted_proxies: int = _setting(
        "0", _count, "Reverse proxies in front whose X-Forwarded headers count"
    )
    demo: bool = _setting("0", _switch, "Offer the sample company's people on the sign-in page")
    search_engine: str = _setting(
        "tantivy", _one_of("tantivy", "whoosh"), "Search engine: tantivy or whoosh"
    )
    semantic: bool = _setting(
        "0", _switch, "Find by meaning too, with the model of `make install-semantic`"
    )
    min_group_size: int = _setting(
        "5", _group, "People that a count of searches must stand for, at least 5, to be shown"
    )
    training_engine: str = _setting(
        "implicit", _one_of("implicit", "spark"), "What factorises in a training: implicit or spark"
    )
    spark_url: str = _setting(
        "local[*]",
        str,
        "Master of the Spark that trains: local[*], spark://host:7077, yarn, k8s://…",
    )
    spark_folder: str = _setting(
        "",
        str,
        "Folder that Foyer and a Spark cluster both reach, as hdfs:///foyer or a mount",
    )
    mail_url: str = _setting(
        "",
        _mail,
        "Where mails go: smtp://user:password@host:587, smtps://host, folder:/path; empty: nowhere",
    )
    mail_from: str = _setting("Foyer <foyer@localhost>", str, "Sender of Foyer's mails")
    judged_queries: Path | None = _setting(
        "", _file, "File of judged queries; empty means the sample company's, with FOYER_DEMO only"
    )
    language: str = _setting(
        "en", _one_of(*LANGUAGES), "Language for readers who have not chosen one"
    )
    time_zone: str = _setting("UTC", _time_zone, "Time zone for readers who have not chosen one")
    session_idle_minutes: int = _setting(
        "480", _positive, "Minutes without a request that end a session"
    )
    session_max_hours: int = _setting(
        "72", _positive, "Hours after which a session ends in any case"
    )
    step_up_minutes: int = _setting(
        "30", _positive, "Minutes after which an administrator's change asks to sign in again"
    )
    rate_limits: bool = _setting("1", _switch, "Refuse whoever asks too often for a while")
    rate_limit_store: str = _setting(
        "memory://", str, "Where requests are counted: memory:// or redis://host:6379"
    )
    private_hosts: tuple[str, ...] = _setting(
        "", _names, "Hosts with private addresses that Foyer may fetch from, with commas between"
    )
    log_format: str = _setting("text", _one_of("text", "json"), "Log lines as text or as JSON")
    log_level: str = _setting(
        "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "Least level that is logged"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Config":
        """Build the settings from `FOYER_*` variables.

        Raises ConfigError naming the variable that cannot be read, or an unknown `FOYER_*` name.
        """
        known = {variable(name): name for name in setting_names()}
        unknown = sorted(k for k in environ if k.startswith("FOYER_") and k not in known)
        if unknown:
            raise ConfigError(f"{unknown[0]} is not a setting of Foyer")
        values = {f.name: _read(f.name, f.metadata, environ) for f in fields(cls)}
        return cls(**_with_sample(_with_data_folder(values)))

    @property
    def https(self) -> bool:
        """Tell whether readers reach Foyer over TLS, so that cookies can insist on it."""
        return self.base_url.startswith("https://")

    @property
    def index_dir(self) -> Path:
        """Return the folder of the search index."""
        return self.data_dir / "index" / self.search_engine

    @property
    def semantic_dir(self) -> Path | None:
        """Return the folder of the vectors that find by meaning; None where that is off."""
        return self.data_dir / "semantic" if self.semantic else None

    @property
    def models_dir(self) -> Path:
        """Return the folder of the trained recommendation models."""
        return self.data_dir / "models"

    @property
    def spark_dir(self) -> Path:
        """Return the folder that a training on Spark works in."""
        return self.data_dir / "spark"

    @property
    def queue_path(self) -> Path:
        """Return the file of the job queue."""
        return self.data_dir / "jobs.db"


def setting_names() -> tuple[str, ...]:
    """List the settings in the order in which the reference explains them."""
    return tuple(f.name for f in fields(Config))


def variable(name: str) -> str:
    """Return the environment variable of the setting `name`."""
    return f"FOYER_{name.upper()}"


def _read(name: str, metadata: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    text = environ.get(variable(name), metadata["default"])
    try:
        return metadata["parse"](text)
    except ValueError as error:
        raise ConfigError(f"{variable(name)}={text!r} cannot be used: {error}") from error


def _with_data_folder(values: dict[str, Any]) -> dict[str, Any]:
    data_dir: Path = values["data_dir"]
    values["data_dir"] = data_dir = data_dir.absolute()
    values["database_url"] = values["database_url"] or f"sqlite:///{data_dir / 'foyer.db'}"
    values["secret_key"] = values["secret_key"] or _kept_secret(data_dir)
    return values


def _with_sample(values: dict[str, Any]) -> dict[str, Any]:
    if values["demo"]:
        values["judged_queries"] = values["judged_queries"] or SAMPLE_JUDGED
        values["mail_url"] = values["mail_url"] or f"folder:{values['data_dir'] / 'mail'}"
    return values


def _kept_secret(data_dir: Path) -> str:
    """Return the secret kept in the data folder, making it on the first start."""
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_secret(path)
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the secret key in {path} cannot be used: {error}") from error
    if not secret:
        raise ConfigError(f"{path} is empty: delete it for a new one, or set FOYER_SECRET_KEY")
    return secret


def _write_secret(path: Path) -> None:
    """Write a new secret whole or not at all; one that another process wrote meanwhile stays."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with open(beside, "x", opener=_private_opener) as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
