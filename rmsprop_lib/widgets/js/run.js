import { newState, TINY } from "./rules.js";

/**
 * Repeat a rule of rules.js on a problem, as rmsprop_lib.run does.
 *
 * Returns {x, y, loss}, arrays of at most steps + 1 numbers, and stopped: null, or the step whose gradient was not finite.
 */
export function run(rule, problem, [x, y], steps, hyper) {
  const states = [newState(), newState()];
  const numbers = { ...hyper, eps: Math.max(hyper.eps ?? 0, TINY) };
  const path = { x: [x], y: [y], loss: [problem.f(x, y)], stopped: null };
  for (let t = 1; t <= steps; t++) {
    const [gx, gy] = problem.grad(x, y, t);
    if (!Number.isFinite(gx) || !Number.isFinite(gy)) {
      path.stopped = t;
      break;
    }
    x = rule(x, gx, states[0], numbers, t);
    y = rule(y, gy, states[1], numbers, t);
    path.x.push(x);
    path.y.push(y);
    path.loss.push(problem.f(x, y));
  }
  return path;
}
