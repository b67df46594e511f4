"""What every test has: figures drawn without a screen and closed again, and the same hypothesis examples each time."""

import matplotlib
import matplotlib.pyplot as plt
import pytest
from hypothesis import settings

matplotlib.use("Agg")
settings.register_profile("same-every-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-every-time")


@pytest.fixture(autouse=True)
def _figures_are_closed():
    yield
    plt.close("all")
