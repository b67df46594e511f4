/**
 * The rules of rmsprop_lib/optimizers.py, one coordinate at a time: (θ, g, state, hyper-parameters, t) -> new θ, and the state is
 * changed in place. The operations stand in the same order as in Python, so that both round alike; tests replay one against
 * the other.
 */

export function gd(theta, g, state, { lr }) {
  return theta - lr * g;
}

export function sign(theta, g, state, { lr }) {
  return theta - lr * Math.sign(g);
}

export function rprop(theta, g, state, { shrink, grow, h_min, h_max, lr }) {
  const agreement = Math.sign(g * (state.previous ?? 0));
  const h = (state.h ?? lr) * (agreement > 0 ? grow : agreement < 0 ? shrink : 1);
  state.h = Math.min(h_max, Math.max(h_min, h));
  state.previous = agreement < 0 ? 0 : g; // after a change of sign: wait one step
  return theta - Math.sign(state.previous) * state.h;
}

export function momentum(theta, g, state, { lr, mu }) {
  state.m = mu * state.m + g;
  return theta - lr * state.m;
}

export function adagrad(theta, g, state, { lr, eps }) {
  state.s = state.s + g * g;
  return theta - (lr * g) / Math.sqrt(state.s + eps);
}

export function rmsprop(theta, g, state, { lr, beta, eps }) {
  state.v = beta * state.v + (1 - beta) * (g * g);
  return theta - (lr * g) / Math.sqrt(state.v + eps);
}

export function adam(theta, g, state, { lr, beta1, beta2, eps }, t) {
  state.m = beta1 * state.m + (1 - beta1) * g;
  state.v = beta2 * state.v + (1 - beta2) * (g * g);
  const mHat = state.m / (1 - beta1 ** t); // bias correction
  const vHat = state.v / (1 - beta2 ** t);
  return theta - (lr * mHat) / (Math.sqrt(vHat) + eps);
}

export const newState = () => ({ m: 0, s: 0, v: 0 });

/** As in Python, an ε below the smallest normal number counts as that number: a step of 0/0 is then 0. */
export const TINY = 2.2250738585072014e-308;
