import { type CallerGroup, drawCallers } from './callers/plan.js'
import { catalogue } from './catalogue/catalogue.js'
import type { Fault } from './catalogue/fault.js'
import { Dice } from './dice.js'
import type { Batch, Strike } from './schedule.js'

/** Kills of the service in one batch, and the batch's duration, ms. Each call of some minutes meets many kills. */
const KILLS_PER_BATCH = 40
const LASTS_MS = 190_000
/** From the service's restart to the next kill, ms, so that kills hit the start, an answer, or a block. */
const AFTER_RESTART_MS: [number, number] = [0, 4_000]
const QUIET_START_MS = 9_000

/** Callers who talk during the whole batch. */
const TALKERS: CallerGroup = { count: 14, come: [0, 4_000], lives: [LASTS_MS - 20_000, LASTS_MS] }
/** Besides, about so many others at any time, with short calls. */
const GUESTS = 6
const STAY_MS = 22_000

const faultNamed = (name: string): Fault => catalogue.find(fault => fault.name === name)!

/**
 * Draws batches of about twenty calls: the service is killed again and again, then the keeper, then the service for good.
 *
 * @param kills number of kills of the service
 */
export function drawKills(seed: number, kills: number): Batch[] {
  const dice = new Dice(seed)
  const rounds: { fault: Fault; count: number; lastsMs: number }[] = []
  for (let left = kills; left > 0; left -= KILLS_PER_BATCH) {
    const count = Math.min(left, KILLS_PER_BATCH)
    rounds.push({
      fault: faultNamed('service killed'),
      count,
      lastsMs: (LASTS_MS * count) / KILLS_PER_BATCH + QUIET_START_MS,
    })
  }
  rounds.push({
    fault: faultNamed('keeper killed'),
    count: Math.max(1, Math.round(kills / 20)),
    lastsMs: 60_000,
  })
  rounds.push({ fault: faultNamed('service lost'), count: 1, lastsMs: 35_000 })
  return rounds.map(({ fault, count, lastsMs }, i) => ({
    number: i + 1,
    callers: callersFor(dice, lastsMs),
    lanes: [Array.from({ length: count }, (_, k) => strike(dice, fault, k === 0 ? QUIET_START_MS : 0))],
  }))
}

const strike = (dice: Dice, fault: Fault, calm: number): Strike => ({
  fault,
  afterMs: calm + dice.within(...AFTER_RESTART_MS),
  forMs: dice.within(...fault.lasts),
  seed: dice.within(1, 1e9),
})

function callersFor(dice: Dice, lastsMs: number) {
  const shorter = (ms: number) => Math.max(20_000, ms - LASTS_MS + lastsMs)
  const lives = TALKERS.lives.map(shorter) as [number, number]
  const talkers = drawCallers(dice, { ...TALKERS, lives })
  const count = Math.round((GUESTS * lastsMs) / STAY_MS)
  const guests: CallerGroup = {
    count,
    come: [0, lastsMs - STAY_MS / 2],
    lives: [STAY_MS / 2, STAY_MS * 1.5],
  }
  return [...talkers, ...drawCallers(dice, guests, talkers.length + 1)]
}
