/** One result of a benchmark. */
export interface Result {
  measure: string
  value: number
  unit: string
  /** The same measure of what people use today, in the same run; null if there is none. */
  baseline: number | null
  /** Value ÷ baseline: the median of ratios that were measured side by side. */
  ratio: number | null
  /** Target: the largest allowed ratio, or value if there is no ratio. Null: only for information. */
  reach: number | null
  /** `reach` is the smallest allowed ratio or value. */
  atLeast?: true
  ok: boolean
}

export interface BenchmarkOptions {
  /** Runs the full size, not one that ends within minutes. */
  full: boolean
  /** The processors have half of their speed. */
  half: boolean
  /** File for a flame graph, SVG. Only `capacity` draws one. */
  flame?: string | undefined
  /** Folder of recorded answers. Only `voice` reads them. */
  data?: string | undefined
  /** What recognises speech. Only `voice` has a choice. */
  engine?: string | undefined
  /** Reports progress to people. */
  tell(line: string): void
}

export type Benchmark = (options: BenchmarkOptions) => Promise<Result[]>

/** Rounds to four digits. More would only be noise. */
export const rounded = (value: number) => Number(value.toPrecision(4))

interface Measured {
  measure: string
  value: number
  unit: string
}

/** A result whose ratio to the baseline must not exceed `reach`. Without `reach` it is only for information. */
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
  return { ...result, reach, atLeast: true, ok: result.ratio! >= reach }
}

/** A result whose value must be `reach` or more. */
export function figureAtLeast(measured: Measured, reach: number): Result {
  const result = figure(measured)
  return { ...result, reach, atLeast: true, ok: result.value >= reach }
}

/** A result whose value must not exceed `reach`. Without `reach` it is only for information. */
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
