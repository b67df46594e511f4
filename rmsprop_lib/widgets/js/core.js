/** Entry of static/core.js: rules, problems and `run` for an engine without modules (QuickJS in the tests). */
export { read, told, verdict } from "./answers.js";
export { apart, descend, FACTORS, newBuffers, settingsOf, step } from "./conventions.js";
export { normals } from "./noise.js";
export { makeProblem } from "./problems.js";
export * as RULES from "./rules.js";
export { TINY } from "./rules.js";
export { run } from "./run.js";
export { edited, respond, stream } from "./streams.js";
export { curve, hessian, stepsTo } from "./valley.js";
export { drift, leastBeta, threshold, walk } from "./weight.js";
export { cosine, rates, second, spread } from "./dial.js";
export { remaining } from "./remaining.js";
export { cellOf, placesOf } from "./table.js";
export { curveOf, lowest, nearest } from "./heat.js";
