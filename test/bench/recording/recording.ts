import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabase } from '../../../src/db/database.js'
import { type Lab, startLab } from '../../../src/lab/lab.js'
import { type Benchmark, comparison, figure } from '../support/benchmark.js'
import { median } from '../support/statistics.js'
import { recordedWhole, takeWholeLegs } from './wholeness.js'
import { measureTalk, type Spent } from './windows.js'

/** Asterisk writes 32 KB of a leg at once, 4.096 s of a-law: a window holds whole turns of that, for every call. */
const TURN_MS = 4_096

/** The two sizes: what ends within two minutes, and what takes its time. */
const SIZES = {
  quick: { calls: 40, pairs: 3, windowMs: 2 * TURN_MS },
  full: { calls: 60, pairs: 5, windowMs: 15 * TURN_MS },
}

/** A line that records who says yes; its callers press the key during the disclosure. */
const ASKED = { number: '101', key: '1' }

/** The same talk, recorded as people do today: both legs in clear, as WAV, which is what players want. */
const PLAIN = { number: 'plain' }
const EXTENSIONS = `
exten => ${PLAIN.number},1,Answer()
 same => n,MixMonitor(,r(\${UNIQUEID}.rx.wav)t(\${UNIQUEID}.tx.wav))
 same => n,Dial(\${LAB_AGENT},30,\${LAB_DIAL})
 same => n,Hangup()
`

/**
 * What recording costs the machine: processor time of Asterisk, service and keeper for calls that Consentry records,
 * against that of Asterisk alone for the same calls recorded by itself. Each kind has its turn with the same number of
 * callers, in pairs whose order alternates; the medians are compared.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const { calls, pairs, windowMs } = full ? SIZES.full : SIZES.quick
  const lab = await startLab({ progress: tell, extensions: EXTENSIONS })
  const db = openDatabase(lab.database.url)
  const spent: Record<'ours' | 'plain', Spent[]> = { ours: [], plain: [] }
  let spoilt = 0
  try {
    const measure = { lab, postgres: await postgresOf(lab), calls, windowMs }
    for (let pair = 0; pair < pairs; pair++) {
      for (const kind of pair % 2 === 0 ? (['ours', 'plain'] as const) : (['plain', 'ours'] as const)) {
        const since = new Date()
        const window = await measureTalk({ ...measure, ...(kind === 'ours' ? ASKED : PLAIN) })
        const whole =
          kind === 'ours'
            ? await recordedWhole(db, since, calls, windowMs)
            : (await takeWholeLegs(join(lab.pbx.dir, 'spool', 'monitor'), windowMs)) / 2
        spoilt += calls - whole
        spent[kind].push(window)
        tell(`${kind === 'ours' ? 'Consentry' : 'plain WAV'}: ${inWords(window, calls * windowMs)}`)
      }
    }
  } finally {
    await db.close()
    await lab.stop()
  }

  const unit = 'ms/s a call'
  const perCall = (of: (window: Spent) => number, windows = spent.ours) =>
    (1_000 * median(windows.map(of))) / (calls * windowMs)
  const baseline = perCall(({ asterisk }) => asterisk, spent.plain)
  const all = perCall(({ asterisk, service, keeper }) => asterisk + service + keeper)
  return [
    comparison({ measure: 'Asterisk + service + keeper', value: all, unit, baseline }, 1.15),
    comparison({ measure: 'of which Asterisk', value: perCall(window => window.asterisk), unit, baseline }),
    figure({ measure: 'of which service', value: perCall(window => window.service), unit }),
    figure({ measure: 'of which keeper', value: perCall(window => window.keeper), unit }),
    figure({ measure: 'PostgreSQL beside them', value: perCall(window => window.postgres), unit }),
    figure({ measure: 'calls not recorded whole', value: spoilt, unit: `of ${2 * pairs * calls}` }, 0),
  ]
}

async function postgresOf({ ready }: Lab): Promise<number> {
  const lock = await readFile(join(ready.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  return Number(lock.split('\n')[0])
}

const inWords = (spent: Spent, callMs: number) =>
  Object.entries(spent)
    .map(([part, ms]) => `${part} ${((1_000 * ms) / callMs).toFixed(2)}`)
    .join(', ')
