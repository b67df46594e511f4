"""The JavaScript of the figures without a browser: static/core.js in QuickJS."""

import json

import pytest
import quickjs

from rmsprop_lib.widgets.figure import STATIC


class JavaScript:
    """javascript(function, *arguments): arguments and result as JSON."""

    def __init__(self):
        self.context = quickjs.Context()
        self.context.eval((STATIC / "core.js").read_text("utf8"))

    def __call__(self, function: str, *arguments):
        call = f"JSON.stringify({function}({','.join(json.dumps(a) for a in arguments)}))"
        return json.loads(self.context.eval(call))


@pytest.fixture(scope="module")
def javascript() -> JavaScript:
    return JavaScript()
