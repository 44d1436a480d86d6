import type { DepsWith } from '../../accounts/deps.js'
import { ClockAnchor } from '../../lib/clock/clock-anchor.js'
import { clockOffMs } from '../../lib/clock/steady-clock.js'
import { DayCheck } from './day-check.js'

/**
 * Makes the check of the current day for commands that destroy. It reads the anchor that a service on this machine
 * wrote.
 */
export const dayCheckOf = ({ db, clock, config }: DepsWith<'db' | 'clock', 'data'>): DayCheck =>
  new DayCheck({ db, clock, offMs: () => clockOffMs(clock, new ClockAnchor(config.data, clock.elapsed())) })
