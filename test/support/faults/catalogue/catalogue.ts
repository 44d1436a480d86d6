import { clockFaults } from './clock.js'
import { databaseFaults } from './database.js'
import { falseClockFaults } from './false-clock.js'
import type { Fault } from './fault.js'
import { hungFaults } from './hung.js'
import { junkFaults } from './junk.js'
import { keeperFaults } from './keeper.js'
import { limitFaults } from './limits.js'
import { pbxFaults } from './pbx.js'
import { pbxNetFaults } from './pbx-net.js'
import { serviceFaults } from './service.js'
import { storageFaults } from './storage.js'

/** Every fault. */
export const catalogue: readonly Fault[] = [
  ...serviceFaults,
  ...keeperFaults,
  ...databaseFaults,
  ...pbxNetFaults,
  ...storageFaults,
  ...hungFaults,
  ...limitFaults,
  ...clockFaults,
  ...falseClockFaults,
  ...junkFaults,
  ...pbxFaults,
]
