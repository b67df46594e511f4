/** Quiz and Prediction: a question that is answered in the page, and what is said to each answer. See ../quiz.py. */

import { read, told, verdict } from "./answers.js";
import { h } from "./dom.js";

const MARKS = { true: "✓ Right. ", false: "✗ Not yet. " }; // a prediction is neither

function render({ model, el }) {
  const [title, choices] = [model.get("title"), model.get("choices")];
  const field = choices.length ? radios(choices) : number();
  const reset = h("button", { type: "reset" }, "Reset");
  const said = h("div", { role: "status" });
  const hint = h("p");
  const more = h("details", {}, h("summary", {}, "Hint for this answer"), hint);
  const form = h("form", { className: "rms-quiz", "data-lm-suppress-shortcuts": "true" }, // JupyterLab: the keys are ours
    h("fieldset", {}, h("legend", {}, model.get("legend")), ...field.labels),
    h("button", { type: "submit" }, model.get("button")), reset, said, more);
  el.append(title ? h("div", { className: "admonition predict" }, h("p", { className: "admonition-title" }, title), form) : form);

  function say(paragraphs = [], { passed, hint: next = "" } = {}) {
    said.dataset.passed = passed;
    said.replaceChildren(...paragraphs.map((parts) => h("p", {}, ...parts)));
    hint.textContent = next;
    more.open = false;
    more.hidden = !next;
    reset.hidden = !paragraphs.length;
  }

  function show() {
    const answer = model.get("answer");
    if (answer === null) return say();
    const found = verdict(model.get("rows"), answer);
    const ending = found.passed === false ? "" : model.get("ending");
    field.put(answer);
    say([[h("strong", {}, MARKS[found.passed] ?? ""), capital(told(found, answer))], ...(ending ? [[ending]] : [])], found);
  }

  function change(answer) {
    model.set("answer", answer);
    model.save_changes();
    show(); // said again, also when the answer is that of before
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = field.take();
    change(answer);
    if (answer === null) say([[field.wanted]]);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.type !== "text") return;
    event.preventDefault(); // a browser would submit the form by itself, but JupyterLab stops it
    form.requestSubmit();
  });
  form.addEventListener("reset", () => {
    change(null);
    field.labels[0].querySelector("input").focus();
  });
  model.on("change:answer", show);
  show();
  return () => model.off("change:answer", show);
}

function radios(choices) {
  const all = choices.map(([key]) => h("input", { type: "radio", name: "answer", value: key }));
  return {
    labels: all.map((radio, i) => h("label", {}, radio, h("span", {}, choices[i][1]))),
    wanted: "Choose an answer first.",
    take: () => all.find((radio) => radio.checked)?.value ?? null,
    put: (key) => all.forEach((radio) => (radio.checked = radio.value === key)),
  };
}

function number() {
  const input = h("input", { type: "text", autocomplete: "off", spellcheck: false });
  const value = () => read(input.value);
  return {
    labels: [h("label", {}, "Number", input)],
    wanted: "A number is wanted, such as 0.25, 1e-3, 10^-3 or 1/3.",
    take: () => (Number.isNaN(value()) ? null : value()),
    put: (answer) => value() === answer || (input.value = answer),
  };
}

/** A sentence begins with a capital letter; a choice such as "d" keeps its own. */
const capital = (text) => (text[1] === " " ? text : text[0].toUpperCase() + text.slice(1));

export default { render };
