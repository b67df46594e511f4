"""What every test has: figures drawn without a screen and closed again, and the same hypothesis examples each time."""

import matplotlib
import matplotlib.pyplot as plt
import pytest
from hypothesis import settings

matplotlib.use("Agg")
settings.register_profile("same-every-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-every-time")
WAITING = {"browser", "client"}  # fixtures of tests that wait for a browser or for a cluster


def pytest_collection_modifyitems(items):
    """What waits for others may come too late on a busy machine, once; what is wrong fails each time.

    Tests of the jail are not tried again: what gets out of it now and then gets out.
    """
    for item in items:
        if WAITING.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(autouse=True)
def _figures_are_closed():
    yield
    plt.close("all")
