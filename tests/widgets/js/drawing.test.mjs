/** Scales, markers, formats and sentences; what needs no page. Run with: node --test */

import assert from "node:assert/strict";
import { test } from "node:test";
import { byFormat, power, short } from "../../../rmsprop_lib/widgets/js/format.js";
import { crossing, leaves, marker, polyline } from "../../../rmsprop_lib/widgets/js/marks.js";
import { decades, linear, ticks } from "../../../rmsprop_lib/widgets/js/scales.js";
import { sentence } from "../../../rmsprop_lib/widgets/js/sentence.js";

const SQUARE = [[-1, 1], [-1, 1]];

test("a linear scale and its inverse undo each other", () => {
  const scale = linear([-5, 5], [0, 300]);
  assert.equal(scale(0), 150);
  assert.equal(scale.invert(scale(2.5)), 2.5);
});

test("a logarithmic scale puts what it cannot show just outside", () => {
  const scale = decades([-6, 2], [80, 0]);
  assert.equal(scale(1), 20);
  assert.equal(scale(0), 90);
  assert.equal(scale(1e-300), 90);
  for (const value of [Infinity, 1e300, NaN]) assert.equal(scale(value), -10);
});

test("a logarithmic scale is undone by its inverse", () => {
  const scale = decades([0, 3], [0, 300]);
  assert.equal(scale(10), 100);
  assert.ok(Math.abs(scale.invert(scale(37)) - 37) < 1e-12);
});

test("a cross is no circle", () => {
  for (const shape of ["x", "+"]) assert.equal(marker(shape, 0, 0, 4).match(/[ML]/g).length, 12);
  assert.notEqual(marker("x", 0, 0, 4), marker("+", 0, 0, 4));
});

test("ticks are round, inside, and about as many as asked for", () => {
  assert.deepEqual(ticks(-5, 5, 6), [-4, -2, 0, 2, 4]);
  assert.deepEqual(ticks(0, 1, 4), [0, 0.5, 1]);
  assert.deepEqual(ticks(0.12, 0.31, 4), [0.15, 0.2, 0.25, 0.3]);
});

test("numbers are written as d3 would", () => {
  assert.equal(byFormat(0.1, ".3g"), "0.100");
  assert.equal(byFormat(0.9, ".3f"), "0.900");
  assert.equal(byFormat(59.7, "d"), "60");
  assert.equal(byFormat(0.25, ".0%"), "25%");
  assert.equal(byFormat(1234.5, ".1e"), "1.2e+3");
  assert.equal(byFormat(0.1 + 0.2, ""), "0.3");
});

test("numbers in sentences have two digits", () => {
  assert.equal(short(0), "0");
  assert.equal(short(0.0341), "0.034");
  assert.equal(short(17.3), "17");
  assert.equal(short(9932), "9900");
  assert.equal(short(3.14e-7), "3.1·10⁻⁷");
  assert.equal(short(Infinity), "∞");
  assert.equal(power(-12), "10⁻¹²");
});

test("a line ends before NaN and stays within what SVG can hold", () => {
  assert.equal(polyline([0, 1, NaN, 3], [0, 1, 2, 3]), "M0 0L1 1");
  assert.equal(polyline([0, Infinity], [0, -1e300]), "M0 0L100000 -100000");
});

test("every marker of the tokens is a closed shape around its point", () => {
  for (const shape of ["o", "^", "v", "s", "D", "p", "h", "*", "x", "+", "unknown"]) assert.match(marker(shape, 10, 10, 4), /^M.*Z$/);
});

test("a path leaves at the first step after which it does not come back", () => {
  assert.equal(leaves({ x: [0, 2, 0, 2, 3], y: [0, 0, 0, 0, 0], stopped: null }, SQUARE), 3);
  assert.equal(leaves({ x: [0, 2, 0], y: [0, 0, 0], stopped: null }, SQUARE), null);
  assert.equal(leaves({ x: [0, NaN], y: [0, NaN], stopped: 2 }, SQUARE), 1);
});

test("the way out crosses the border", () => {
  assert.deepEqual(crossing([0, 0], [2, 1], SQUARE), [1, 0.5]);
  assert.deepEqual(crossing([0, 0], [0, -4], SQUARE), [0, -1]);
  assert.deepEqual(crossing([0.5, 0], [Infinity, 0], SQUARE), [0.5, 0]);
});

test("the sentence names the lowest, and those that left", () => {
  const one = (label, loss, left = null, dim = false) => ({ label, now: loss, left, dim });
  assert.equal(sentence([one("A", 0.5), one("B", 0.25)], 60),
    "After 60 steps: A ends at f = 0.50 and B ends at f = 0.25. Lowest is B, by a factor of 2.0.");
  assert.equal(sentence([one("A", 1e9, 12), one("B", 0.25)], 60),
    "After 60 steps: A leaves the picture at step 12 and B ends at f = 0.25.");
  assert.match(sentence([one("A", 0.5), one("B", 0)], 60), /Lowest is B, by far\.$/);
  assert.match(sentence([one("A", 0.5), one("B", 0.51)], 60), /\. A and B end equally low\.$/);
  assert.match(sentence([one("A", 0.5), one("B", 0.1, null, true)], 1), /^After 1 step: .*B was computed in Python/);
});
