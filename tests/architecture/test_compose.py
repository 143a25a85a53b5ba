"""docker-compose.yml is read as data: no default secret, each key in one process, every process watched."""

import ast
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "platform" / "marketplace" / "config"
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
LASTING = sorted(set(SERVICES) - {"migrate"})
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$")


def secrets_with_a_default(text: str) -> list[str]:
    """Names of secret variables that fall back to a non-empty value, or that hold one outright."""
    defaults = re.findall(r"\$\{(\w+):?-([^}]+)\}", text)
    plain = re.findall(r"^\s*(\w+):[ \t]*([^$\s][^\n]*)$", text, re.MULTILINE)
    held = {name for name, value in defaults + plain if not value.startswith(("/run/secrets/", "*", "{"))}
    return sorted(name for name in held if SECRET_NAME.search(name))


# Read by production and yet given to no process, each for a reason.
NOT_GIVEN = {
    "DEBUG": "production refuses it",
    "STAFF_MFA_REQUIRED": "always true in production",
    "SECURE_SSL_REDIRECT": "production refuses to start without it",
    "PAYMENT_GATEWAY": "bank_transfer is the only one in production",
    "JINQIAO_DATA_DIR": "the image says where its volume is",
    "JINQIAO_APP_ROLE": "the database makes the roles under these names",
    "JINQIAO_OWNER_ROLE": "as above",
    "JINQIAO_SEQUENCER_ROLE": "as above",
    "WEB_BIND": "port 8000 of the container",
    "PROMETHEUS_MULTIPROC_DIR": "a folder in the container's own memory",
    "WEB_PRELOAD": "for a laptop's memory",
}
NOT_READ_BY_SETTINGS = {"DJANGO_SETTINGS_MODULE", "CELERY_NODE"}


def environment_of(service: str) -> dict[str, str | None]:
    given: dict[str, str | None] = SERVICES[service].get("environment") or {}
    return given


def variables_read(*files: str) -> set[str]:
    """Names of the environment variables that these modules of the configuration ask for, as text: `env.int("NAME")` and the like."""
    parsed = [ast.parse((CONFIG / file).read_text(encoding="utf-8")) for file in files]
    calls = [node for module in parsed for node in ast.walk(module) if isinstance(node, ast.Call)]
    askers = re.compile(r"env(\.\w+)?|database|os\.environ\.(get|setdefault)")
    first = [call.args[0] for call in calls if call.args and askers.fullmatch(ast.unparse(call.func))]
    return {argument.value for argument in first if isinstance(argument, ast.Constant) and isinstance(argument.value, str)}


def test_the_processes_of_production_are_all_there() -> None:
    assert set(SERVICES) == {"db", "redis", "migrate", "web", "worker", "opener", "sequencer", "witness", "beat"}


@pytest.mark.parametrize("service", LASTING)
def test_every_lasting_process_is_watched_and_comes_back(service: str) -> None:
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert SERVICES[service]["healthcheck"]["test"]


def test_no_secret_has_a_default() -> None:
    assert secrets_with_a_default(TEXT) == []


def test_the_secret_check_sees_a_default_and_a_plain_value() -> None:
    assert secrets_with_a_default("  DB_PASSWORD: ${DB_PASSWORD:-postgres}\n  LOG_LEVEL:\n  SECRET_KEY: hello\n") == [
        "DB_PASSWORD",
        "SECRET_KEY",
    ]


@pytest.mark.parametrize(
    ("variable", "holders"),
    [
        ("MIGRATE_DATABASE_URL", {"migrate"}),
        ("SEQUENCER_DATABASE_URL", {"sequencer"}),
        ("LEDGER_KEY_FILE", {"sequencer"}),
        ("OPENER_KEY_FILE", {"opener"}),
    ],
)
def test_each_key_and_role_is_given_to_one_process(variable: str, holders: set[str]) -> None:
    assert {service for service in SERVICES if variable in environment_of(service)} == holders


@pytest.mark.parametrize(("secret", "holders"), [("ledger_key", {"sequencer"}), ("opener_key", {"opener"})])
def test_each_key_file_is_mounted_in_one_process(secret: str, holders: set[str]) -> None:
    assert {service for service, shape in SERVICES.items() if secret in shape.get("secrets", [])} == holders


@pytest.mark.parametrize("service", ["web", "worker", "opener", "sequencer", "beat"])
def test_our_processes_run_with_the_production_settings_as_the_app_role(service: str) -> None:
    environment = environment_of(service)
    assert environment["DJANGO_SETTINGS_MODULE"] == "marketplace.config.settings.prod"
    assert str(environment["DATABASE_URL"]).startswith("postgres://jinqiao_app:")
    assert SERVICES[service]["read_only"] is True


def test_the_witness_knows_nothing_of_the_platform() -> None:
    assert environment_of("witness") == {}
    assert SERVICES["witness"].get("secrets", []) == []
    assert SERVICES["witness"]["volumes"] == ["witness:/var/lib/witness"]
    assert SERVICES["witness"]["depends_on"] == {}
    assert {service for service in SERVICES if "witness:/var/lib/witness" in SERVICES[service].get("volumes", [])} == {"witness"}
    module, folder = SERVICES["witness"]["command"][2], SERVICES["witness"]["command"][4]
    assert (importlib.util.find_spec(f"{module}.__main__") is not None, folder) == (True, "/var/lib/witness")


def test_whatever_may_be_many_can_be_scaled_and_the_single_ones_say_so() -> None:
    assert [service for service, shape in SERVICES.items() if "container_name" in shape or "hostname" in shape] == []
    single = {service for service, shape in SERVICES.items() if shape.get("deploy", {}).get("replicas") == 1}
    assert {"sequencer", "beat"} <= single
    assert not single & {"web", "worker"}
    # Each of many workers has a name of its own, by which its health is asked.
    assert "worker@$$HOSTNAME" in SERVICES["worker"]["command"][-1]
    assert "$$CELERY_NODE@$$HOSTNAME" in SERVICES["worker"]["healthcheck"]["test"][-1]


def test_no_process_is_published_to_the_outside() -> None:
    assert [service for service, shape in SERVICES.items() if shape.get("ports")] == []


def test_every_variable_that_production_reads_is_given_to_a_process_and_no_other_is() -> None:
    settings = ("settings/base.py", "settings/api.py", "settings/people.py", "settings/prod.py", "webserver.py", "counting.py")
    read = variables_read(*settings)
    given = {name for service in set(SERVICES) - {"db", "redis"} for name in environment_of(service)}
    assert read - given == set(NOT_GIVEN)
    assert given - read == NOT_READ_BY_SETTINGS


@pytest.mark.parametrize("service", ["web", "worker", "opener", "sequencer", "beat"])
def test_what_all_our_processes_share_is_given_to_each(service: str) -> None:
    shared: dict[str, str | None] = yaml.safe_load(TEXT)["x-environment"]
    assert len(shared) > 30
    assert {name: environment_of(service).get(name, "missing") for name in shared} == shared


def test_every_variable_that_compose_asks_for_stands_in_the_example() -> None:
    example = (ROOT / "docs/deploy/env.example").read_text(encoding="utf-8")
    required = set(re.findall(r"\$\{(\w+):\?\}", TEXT))
    handed_on = {name for service in SERVICES for name, value in environment_of(service).items() if value is None}
    assert required - set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == set()
    assert set(re.findall(r"\$\{(\w+)", TEXT)) | handed_on == set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))


def test_every_command_and_health_check_of_ours_exists() -> None:
    from django.core.management import get_commands

    from marketplace.config import healthcheck

    asked = [shape.get("command") or [] for shape in SERVICES.values()]
    commands = {word for words in asked for word in re.findall(r"manage\.py (\w+)", " ".join(words))}
    assert commands == {"migrate", "collectstatic", "ledger_sequence"}
    assert commands - set(get_commands()) == set()
    checks = [shape["healthcheck"]["test"] for shape in SERVICES.values() if "healthcheck" in shape]
    ours = {words[-1] for words in checks if "marketplace.config.healthcheck" in words}
    assert ours == {"web", "sequencer"}
    assert all(callable(getattr(healthcheck, name)) for name in ours)
