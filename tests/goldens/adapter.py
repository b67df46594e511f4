"""From the configurations of `goldens.json` to the library: what `check_goldens.py` calls."""

import math
from dataclasses import replace

import numpy as np

from rmsprop_lib import conventions

# Canonical name in the recordings -> field of the library, where they differ.
FIELDS = {
    "eps_in_sqrt": "eps_inside",
    "rho": "beta",
    "eta_minus": "shrink",
    "eta_plus": "grow",
    "step_min": "h_min",
    "step_max": "h_max",
}


def factory(algo, config, dtype):
    """step(x, g, t, lr) -> new x of a recorded configuration; lr is what the schedule gives for step t."""
    settings = {FIELDS.get(name, name): value for name, value in config.items()}
    if "momentum" in settings:  # a recording without momentum may still carry the flag
        settings["nesterov"] = settings.get("nesterov", False) and settings["momentum"] > 0
    if "momentum_decay" in settings and settings["momentum_decay"] is None:
        settings["momentum_decay"] = math.inf
    optimizer = getattr(conventions, algo)(**settings)
    state = None

    def step(x, g, t, lr):
        nonlocal state
        now = optimizer if lr == optimizer.lr else replace(optimizer, lr=lr)
        if state is None:
            state = now.init(np.asarray(x, dtype))  # Rprop's first step is what the schedule gives
        x, state = now.step(x, g, state)
        return x

    return step
