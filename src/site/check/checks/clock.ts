import { systemClock } from '../../../core/clock.js'
import { words } from '../../../core/words.js'
import { ClockAnchor } from '../../../lib/clock/clock-anchor.js'
import { clockOffMs } from '../../../lib/clock/steady-clock.js'
import { DayCheck } from '../../../recordings/retain/day-check.js'
import { type Check, sound } from '../check.js'

/** Whether the machine's clock agrees with PostgreSQL's, and is not earlier than the journal's events. */
export const clock: Check = {
  name: 'clock',
  title: words('Clock', 'Часы'),
  async look(site) {
    const db = await site.database()
    const anchor = new ClockAnchor(site.config().data, systemClock.elapsed())
    const day = new DayCheck({ db, clock: systemClock, offMs: () => clockOffMs(systemClock, anchor) })
    const doubt = await day.check()
    if (!doubt)
      return sound('It agrees with PostgreSQL and the journal.', 'Сходятся с PostgreSQL и с журналом.')
    return {
      state: 'fault',
      faults: [
        {
          found: words(
            `Nothing is purged: ${doubt.detail}`,
            `Часы вызывают сомнение, и ничего не уничтожается: ${doubt.detail}`,
          ),
          setting: doubt.kind === 'database' ? 'PostgreSQL' : 'time-sync.target',
          remedy: words(
            'Set the clock by systemd-timesyncd or chrony: The clock in docs/operate.md.',
            'Поставьте часы через systemd-timesyncd или chrony: раздел The clock в docs/operate.md.',
          ),
        },
      ],
    }
  },
}
