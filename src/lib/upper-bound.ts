/** Steps of the bisection: the bound is exact to a millionth. */
const STEPS = 40
const RISK = 0.05

/**
 * The one-sided upper bound of a share at 95 % (Clopper and Pearson). A greater share would give so few in at most one
 * case of twenty.
 *
 * @returns %, to one digit
 */
export function upperBound(some: number, all: number): number {
  if (some >= all) return 100
  let [low, high] = [some / all, 1]
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2
    if (atMost(some, all, middle) > RISK) low = middle
    else high = middle
  }
  return Math.round(1000 * high) / 10
}

/** Probability of at most `some` of `all`. */
function atMost(some: number, all: number, share: number): number {
  let sum = 0
  let term = all * Math.log1p(-share)
  for (let k = 0; k <= some; k++) {
    sum += Math.exp(term)
    term += Math.log(((all - k) / (k + 1)) * (share / (1 - share)))
  }
  return sum
}
