import { ClockAnchor } from '../health/clock-anchor.js'
import { clockOffMs } from '../health/steady-clock.js'
import { DayCheck } from '../retention/day-check.js'
import type { DepsWith } from './deps.js'

/**
 * Makes the check of the current day for commands that destroy. It reads the anchor that a service on this machine
 * wrote.
 */
export const dayCheckOf = ({ db, clock, config }: DepsWith<'db' | 'clock', 'data'>): DayCheck =>
  new DayCheck({ db, clock, offMs: () => clockOffMs(clock, new ClockAnchor(config.data, clock.elapsed())) })
