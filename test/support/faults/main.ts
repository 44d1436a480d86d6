import { parseArgs } from 'node:util'
import pc from 'picocolors'
import { printJson } from '../../../src/commands/command.js'
import type { CallerGroup } from './callers/plan.js'
import { catalogue } from './catalogue/catalogue.js'
import { drawKills } from './kills.js'
import { reportText } from './report.js'
import { run } from './run.js'
import { drawSchedule } from './schedule.js'

/** Default size: 1,000 faults take about half an hour. */
const DEFAULT_FAULTS = 1_000
const FAULTS_PER_BATCH = 40
/** `--only kills` kills the service so often, at random moments of calls of some minutes. */
const ONLY_KILLS = 'kills'
const DEFAULT_KILLS = 200
/** Most calls are recorded when the first fault comes. The others begin between the faults. */
const CALLERS: CallerGroup[] = [
  { count: 12, come: [0, 3_000], lives: [35_000, 85_000] },
  { count: 8, come: [8_000, 30_000], lives: [20_000, 35_000] },
  { count: 8, come: [40_000, 70_000], lives: [15_000, 25_000] },
]

const USAGE = `Usage: npm run test:fault -- [--seed N] [--faults N] [--only NAME] [--batch N] [--json]
  --seed N      the same seed draws the same faults and callers
  --faults N    number of faults, ${DEFAULT_FAULTS} by default
  --only kills  kills the service ${DEFAULT_KILLS} times, or N times, during twenty calls; then the keeper; then the service for good
  --only WORDS  only faults whose name contains these words:
${catalogue.map(({ name }) => `                  ${name}`).join('\n')}
  --batch N     plays only this batch of those drawn, to repeat what a run has found
`

/** `npm run test:fault`. @returns the exit code: 0 if nothing was lost, 1 if something was, 2 for wrong arguments */
export async function main(args: string[]): Promise<number> {
  const values = readOptions(args)
  if (!values) return refuse()
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
  const faults = Number(values.faults ?? DEFAULT_FAULTS)
  const chosen = catalogue.filter(({ name }) =>
    name.includes(values.only === ONLY_KILLS ? '' : (values.only ?? '')),
  )
  if (![seed, faults].every(Number.isSafeInteger) || faults < 1 || chosen.length === 0) return refuse()
  const tell = (line: string) => void process.stderr.write(`${pc.dim('faults:')} ${line}\n`)
  tell(`seed ${seed}`)
  const drawn =
    values.only === ONLY_KILLS
      ? drawKills(seed, values.faults === undefined ? DEFAULT_KILLS : faults)
      : drawSchedule({ seed, faults, catalogue: chosen, callers: CALLERS, perBatch: FAULTS_PER_BATCH })
  const batches = drawn.filter(({ number }) => values.batch === undefined || `${number}` === values.batch)
  if (batches.length === 0) return refuse()
  const report = await run({ seed, batches, tell })
  if (values.json) printJson(report)
  else process.stdout.write(reportText(report))
  return report.ok ? 0 : 1
}

/** @returns undefined if an option is unknown, or has no value */
function readOptions(args: string[]) {
  const options = {
    seed: { type: 'string' },
    faults: { type: 'string' },
    only: { type: 'string' },
    batch: { type: 'string' },
    json: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args, options }).values
  } catch {
    return undefined
  }
}

/** Says which arguments there are. @returns the exit code */
function refuse(): number {
  process.stderr.write(USAGE)
  return 2
}
