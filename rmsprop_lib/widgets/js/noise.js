/**
 * The normal numbers of rmsprop_lib.problems.normal: Philox's 64 random bits made uniform, then Box and Muller's.
 * Equal to Python's but for the last bit of log, cos and sin.
 */

const BITS = 64n;
const wrap = (n) => BigInt.asUintN(64, n);
const MULTIPLY = [0xd2e7470ee14c6c93n, 0xca5a826395121157n];
const WEYL = [0x9e3779b97f4a7c15n, 0xbb67ae8584caa73bn];

/** Philox 4×64 with ten rounds: four random numbers of 64 bits from a counter of four and a key of two. */
function philox([a, b, c, d], [k, l]) {
  for (let round = 0; round < 10; round++) {
    const [p, q] = [MULTIPLY[0] * a, MULTIPLY[1] * c];
    [a, b, c, d] = [(q >> BITS) ^ b ^ k, wrap(q), (p >> BITS) ^ d ^ l, wrap(p)];
    [k, l] = [wrap(k + WEYL[0]), wrap(l + WEYL[1])];
  }
  return [a, b, c, d];
}

/** `count` standard normal numbers that belong to step t of `seed`. */
export function normals(count, t, seed, stream = 0) {
  const out = [];
  for (let block = 1n; out.length < count; block++) {
    const uniform = philox([block, 0n, BigInt(stream), BigInt(t)], [BigInt(seed), 0n]).map((bits) => Number(bits >> 11n) * 2 ** -53);
    for (const i of [0, 2]) {
      const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - uniform[i])), 2 * Math.PI * uniform[i + 1]];
      out.push(radius * Math.cos(angle), radius * Math.sin(angle));
    }
  }
  return out.slice(0, count);
}
