import pc from 'picocolors'
import { table } from '../../../src/commands/table.js'
import type { Result } from './benchmark.js'

const HEAD = ['measure', 'value', 'unit', 'baseline', 'ratio', 'reach', '']

const shown = (value: number | null) => (value === null ? '' : String(value))

const verdict = ({ reach, ok }: Result) => (reach === null ? '' : ok ? pc.green('✓') : pc.red('✗'))

/** Results as a table for a terminal. Results without a target have no verdict. */
export const asTable = (results: Result[]): string =>
  table(
    HEAD,
    results.map(result => [
      result.measure,
      shown(result.value),
      result.unit,
      shown(result.baseline),
      shown(result.ratio),
      result.reach === null ? '' : `${result.atLeast ? '≥' : '≤'} ${result.reach}`,
      verdict(result),
    ]),
  )
