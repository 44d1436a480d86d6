/** Rate of a telephone, samples a second. */
const TELEPHONE_RATE = 8_000
/** Phases between two samples for which the filter below is computed. */
const PHASES = 64

/**
 * Brings sound to 8 kHz, with a windowed sinc that cuts above 3.9 kHz.
 *
 * @param rate samples a second, 8000 or more
 */
export function toTelephone(samples: ArrayLike<number>, rate: number): Float64Array {
  if (rate === TELEPHONE_RATE) return Float64Array.from(samples)
  const ratio = rate / TELEPHONE_RATE
  const reach = Math.ceil(16 * Math.max(1, ratio))
  const filters = filtersFor(Math.min(1, 0.96 / ratio), reach)
  return Float64Array.from({ length: Math.floor(samples.length / ratio) }, (_, i) => {
    const whole = Math.floor(i * ratio)
    const filter = filters[Math.floor((i * ratio - whole) * PHASES)]!
    let sum = 0
    for (let k = 0; k < filter.length; k++) sum += filter[k]! * (samples[whole - reach + k] ?? 0)
    return sum
  })
}

const filtersFor = (cut: number, reach: number): Float64Array[] =>
  Array.from({ length: PHASES }, (_, phase) =>
    Float64Array.from({ length: 2 * reach + 1 }, (_, k) => {
      const x = Math.PI * (k - reach - phase / PHASES)
      const sinc = x === 0 ? cut : Math.sin(cut * x) / x
      return sinc * Math.max(0, 0.5 + 0.5 * Math.cos(x / (reach + 1)))
    }),
  )
