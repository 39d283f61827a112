"""What every test can ask for: reference data, a seed, and the length of random runs."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# A developer's run is short, a submission's is repeatable, a night's looks for the rare case.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """Return the folder that holds Makefile and pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of reference data beside the repository, or skip the test.

    PANSHI_SHARED names it where it lies elsewhere.
    """
    folder = Path(os.environ.get("PANSHI_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"reference data is not at {folder}")
    return folder


@pytest.fixture(scope="session")
def simulation_seeds() -> range:
    """Return the seeds that simulated runs use: one when it is named, else a stated count."""
    named = os.environ.get("PANSHI_SIM_SEED")
    if named is not None:
        return range(int(named), int(named) + 1)
    return range(int(os.environ.get("PANSHI_SIM_SEEDS", "4")))
