/** The model that stands in for Backbone's. Run with: node --test */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "../../../rmsprop_lib/widgets/js/model.js";

const make = (state, buffers) => new Model("m0", { model_name: "AnyModel", model_module: "anywidget", state, buffers });

test("listeners hear changes, and only changes", () => {
  const model = make({ beta: 0.9, start: [1, 2] });
  const heard = [];
  model.on("change:beta", (_, value) => heard.push(value));
  model.on("change", () => heard.push("any"));
  model.set("beta", 0.9);
  model.set({ start: [1, 2] }); // an equal list is no change
  assert.deepEqual(heard, []);
  model.set({ beta: 0.5 });
  assert.deepEqual(heard, [0.5, "any"]);
});

test("a listener that was taken off hears nothing", () => {
  const model = make({ beta: 0.9 });
  const listener = () => assert.fail("heard");
  model.on("change:beta change", listener);
  model.off("change:beta change", listener);
  model.on("change", listener);
  model.off();
  model.set("beta", 0);
});

test("buffers come back as views of their bytes", () => {
  const model = make({ data: {} }, [{ path: ["data", "x"], encoding: "base64", data: btoa("\x00\x01\x02") }]);
  assert.equal(model.get("data").x.getUint8(2), 2);
});
