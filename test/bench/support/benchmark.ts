/** One line of what a benchmark found. */
export interface Result {
  measure: string
  value: number
  unit: string
  /** The same measured of what people use today, in the same run; null where there is no such thing. */
  baseline: number | null
  /** Value ÷ baseline, as the median of what was measured side by side. */
  ratio: number | null
  /** What must not be exceeded: by the ratio if there is one, else by the value. Null: only for information. */
  reach: number | null
  /** `reach` is what must be reached, not what must not be exceeded. */
  comparisonAtLeast?: true
  ok: boolean
}

export interface BenchmarkOptions {
  /** The stated size in place of one that ends within two minutes. */
  full: boolean
  /** Where a flame graph of it goes, SVG; only `capacity` draws one. */
  flame?: string | undefined
  /** Says how far it has got, to people. */
  tell(line: string): void
}

export type Benchmark = (options: BenchmarkOptions) => Promise<Result[]>

/** To so many digits results are given: more would only be noise. */
export const rounded = (value: number) => Number(value.toPrecision(4))

interface Measured {
  measure: string
  value: number
  unit: string
}

/** A result whose ratio to the baseline must not exceed `reach`; without `reach` it only informs. */
export function comparison(
  { measure, value, unit, baseline, ratio }: Measured & { baseline: number; ratio: number },
  reach: number | null = null,
): Result {
  const given = rounded(ratio)
  const ok = reach === null || given <= reach
  return { measure, value: rounded(value), unit, baseline: rounded(baseline), ratio: given, reach, ok }
}

/** A result whose ratio to the baseline must be `reach` or more. */
export function atLeast(measured: Measured & { baseline: number; ratio: number }, reach: number): Result {
  const result = comparison(measured)
  return { ...result, reach, comparisonAtLeast: true, ok: result.ratio! >= reach }
}

/** A result whose value itself must be `reach` or more. */
export function figureAtLeast(measured: Measured, reach: number): Result {
  const result = figure(measured)
  return { ...result, reach, comparisonAtLeast: true, ok: result.value >= reach }
}

/** A result whose value itself must not exceed `reach`; without `reach` it only informs. */
export function figure({ measure, value, unit }: Measured, reach: number | null = null): Result {
  const given = rounded(value)
  return {
    measure,
    value: given,
    unit,
    baseline: null,
    ratio: null,
    reach,
    ok: reach === null || given <= reach,
  }
}
