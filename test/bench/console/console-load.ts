import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { get } from './get.js'
import { pagesOf } from './pages.js'
import { openViewers } from './viewers.js'
import { signInOften } from './visitors.js'

/** Sessions: each may send 600 requests a minute. */
const SESSIONS = 20
/** People who watch what goes on. */
const VIEWERS = 50
/** Pages that are requested in a second. */
const RATE = 20

/** People who use the console. */
export interface ConsoleLoad {
  /** Opens pages at a steady rate for a time. @returns how long each took, ms; `failed`: what was no page, a line for each */
  run(ms: number): Promise<{ times: number[]; failed: string[] }>
  close(): void
}

/** Signs people in and opens the live page in 50 browsers. */
export async function startConsoleLoad(lab: Lab): Promise<ConsoleLoad> {
  const origin = lab.ready.console!
  const visitors = await signInOften(lab, SESSIONS)
  const pages = (await pagesOf(lab, visitors[0]!)).filter(
    ({ route }) => route !== '/' && !/^\/(sign-in|invitation|setup)/.test(route),
  )
  const viewers = await openViewers(origin, visitors, VIEWERS)
  return {
    close: () => viewers.close(),
    async run(ms) {
      const open: Promise<number | string>[] = []
      const started = performance.now()
      for (let turn = 0; performance.now() - started < ms; turn += 1) {
        const { path } = pages[turn % pages.length]!
        const visitor = visitors[turn % SESSIONS]!
        open.push(
          get(origin + path, visitor).then(
            ({ status, ms }) => (status === 200 ? ms : `${path} answers ${status}`),
            (error: Error) => `${path}: ${error.message}`,
          ),
        )
        // A late turn is made up for, so that the rate is kept.
        await sleep(Math.max(0, started + (turn + 1) * (1_000 / RATE) - performance.now()))
      }
      const opened = await Promise.all(open)
      const lost = Array.from({ length: VIEWERS - viewers.connected }, () => 'a viewer was disconnected')
      return {
        times: opened.filter(result => typeof result === 'number'),
        failed: [...opened.filter(result => typeof result === 'string'), ...lost],
      }
    },
  }
}
