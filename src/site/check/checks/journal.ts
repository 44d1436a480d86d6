import { words } from '../../../core/words.js'
import { testJournal } from '../../../journal/test-journal.js'
import { type Check, sound } from '../check.js'

/** Whether the journal accepts events: one is inserted and rolled back. A half-restored database refuses all events. */
export const journal: Check = {
  name: 'journal',
  title: words('Journal', 'Журнал'),
  async look(site) {
    await site.database()
    const refusal = await testJournal(await site.databaseUrl())
    if (refusal === undefined) return sound('It takes events.', 'Принимает события.')
    return {
      state: 'fault',
      faults: [
        {
          found: words(
            `The database refuses every event (${refusal}): nothing is journalled, and no yes counts.`,
            `База отвергает все события (${refusal}): журнал не ведётся, и ни одно «да» не считается.`,
          ),
          setting: 'DATABASE_URL',
          remedy: words(
            'Remove the trigger or constraint that is not ours. If a backup was being restored, restore it whole.',
            'Уберите чужой триггер или ограничение. Если восстанавливали копию, восстановите её целиком.',
          ),
        },
      ],
    }
  },
}
