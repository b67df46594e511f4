/** What a reader types is read as a number, and the table is read from the top. Run with: node --test */

import assert from "node:assert/strict";
import { test } from "node:test";
import { read, told, verdict } from "../../../rmsprop_lib/widgets/js/answers.js";

const close = (text, wanted) => {
  const value = read(text);
  assert.ok(Math.abs(value - wanted) <= 1e-15 * Math.abs(wanted), `${text}: ${value}, wanted ${wanted}`);
};

test("numbers are read as people write them", () => {
  for (const text of ["3.16", " 3.16 ", "3,16", "+3.16", "316e-2", "316E-2", "316/100", "3.16·10^0", "31.6 * 10^-1"]) close(text, 3.16);
  for (const text of ["0.01", ".01", "1e-2", "10^-2", "10^(-2)", "10**-2", "10⁻²", "1·10⁻²", "1 × 10^−2", "1/100", "1 / 10^2"]) close(text, 0.01);
  for (const text of ["-2", "−2", "- 2", "–2.", "-4/2", "-2^1"]) close(text, -2);
  close("1/3", 1 / 3);
  close("10²", 100);
  close("2^10", 1024);
  for (const text of ["2^-12.5", "2^(-12.5)", "2^-12,5", "2**-12.5"]) close(text, 2 ** -12.5);
  close("-10^2", -100);
  close("0.9^10", 0.9 ** 10);
  assert.equal(read("0"), 0);
});

test("what is no finite number is not guessed", () => {
  for (const text of ["", " ", ".", "-", "ten", "5 %", "1,234.5", "1 000", "1 1/2", "1/2/3", "1/", "/2", "1/0", "3x", "√10", "1e", "1e999", "--1", "2^", "^2", "2^.", "2^0.5.1", "NaN", "Infinity", "0x10", "1*"]) {
    assert.ok(Number.isNaN(read(text)), `${text}: ${read(text)}`);
  }
});

test("the first row that fits is taken, and the last fits all", () => {
  const rows = [{ value: 0.5, margin: 0.01 }, { value: 0.501, margin: 1 }, { value: null }];
  assert.deepEqual([0.505, 0.495, 0.52, -0.4, 7, -1e300].map((x) => rows.indexOf(verdict(rows, x))), [0, 0, 1, 1, 2, 2]);
  const letters = [{ value: "b" }, { value: "a" }];
  assert.deepEqual(["a", "b"].map((x) => letters.indexOf(verdict(letters, x))), [1, 0]);
});

test("an answer stands in its sentence as it is", () => {
  assert.equal(told({ sentence: "{answer} is right. $& {g}" }, "b"), "b is right. $& {g}");
  assert.equal(told({ sentence: "you answered {answer}." }, 1 / 3), "you answered 0.333333.");
});
