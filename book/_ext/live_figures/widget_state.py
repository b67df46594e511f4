"""The widget state saved in a notebook: keep what the page shows, give it short stable names, find what the host cannot
draw.

A state is `{model_id: {"model_name": …, "model_module": …, "state": {…}}}`, the form that nbclient saves and
ipywidgets reads. Model ids are random; the page gets `m0`, `m1`, … in the order in which its views reach them, so that
building twice gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_REFERENCE = re.compile(r'"IPY_MODEL_([^"]+)"')
_LINKS = {"LinkModel", "DirectionalLinkModel"}
_TEXTS = ("_esm", "_css")

State = dict[str, dict]


def references(model: dict) -> list[str]:
    """Ids of the models that a model mentions: children, layout, style, ends of a link."""
    return _REFERENCE.findall(json.dumps(model["state"], sort_keys=True))


def needed_models(state: State, shown: Iterable[str]) -> State:
    """The part of the state that the views `shown` reach, in that order, and the links between what they reach."""
    needed: State = {}
    waiting = list(shown)
    while waiting:
        model_id = waiting.pop(0)
        if model_id not in needed:
            needed[model_id] = state[model_id]
            waiting[:0] = references(state[model_id])
    names = short_names(needed)
    links = {i: m for i, m in state.items() if m["model_name"] in _LINKS and needed.keys() >= set(references(m))}
    by_ends = sorted(links, key=lambda link: _renamed(links[link], names))
    return needed | {link: links[link] for link in by_ends}


def canvas_of(state: State, shown: str) -> dict | None:
    """The state of the canvas of a figure, which has a name and settings: of the widget shown or one that it holds."""
    models = (model["state"] for model in needed_models(state, [shown]).values())
    return next((found for found in models if found.get("settings")), None)


def unsupported_models(state: State, supported: Iterable[str]) -> list[str]:
    """Sorted names of the models in the state that the host does not draw."""
    return sorted({model["model_name"] for model in state.values()} - set(supported))


def short_names(state: State) -> dict[str, str]:
    """A short name for every model id, in the order of the state."""
    return {model_id: f"m{number}" for number, model_id in enumerate(state)}


def shorten(state: State) -> State:
    """The state with every id, as key and as reference, replaced by its short name."""
    names = short_names(state)
    return {names[model_id]: json.loads(_renamed(model, names)) for model_id, model in state.items()}


def share(state: State) -> tuple[State, list[str]]:
    """The state with the scripts and styles of anywidgets replaced by their places in a list: many have the same."""
    texts: dict[str, int] = {}
    shared = {}
    for model_id, model in state.items():
        places = {name: texts.setdefault(model["state"][name], len(texts)) for name in _TEXTS if name in model["state"]}
        shared[model_id] = model | {"state": model["state"] | places}
    return shared, list(texts)


def _renamed(model: dict, names: dict[str, str]) -> str:
    text = json.dumps(model, sort_keys=True)
    return _REFERENCE.sub(lambda match: f'"IPY_MODEL_{names[match[1]]}"', text)
