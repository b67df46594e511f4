/** (1 − αλ)^t: what gradient descent leaves of the error along an eigenvector after t steps. The Python side is ../spectrum.py. */
export const remaining = (eigenvalue, lr, steps) => (1 - lr * eigenvalue) ** steps;
