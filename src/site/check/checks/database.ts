import { AppError } from '../../../core/errors.js'
import { words } from '../../../core/words.js'
import { findServerFaults } from '../../../db/check-server.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

/** Whether PostgreSQL can be reached, syncs commits, and keeps callers' numbers out of its log. */
export const database: Check = {
  name: 'database',
  title: words('Database', 'База данных'),
  async look(site) {
    const { database: given } = site.config()
    const setting = given.url ? 'DATABASE_URL' : 'CONSENTRY_DATA'
    try {
      const url = await site.databaseUrl()
      const faults = given.url ? await findServerFaults(url) : []
      return faultsOr(
        faults.map(({ setting: name, message }) => ofServer(name, message)),
        sound('It answers, and syncs commits to disk.', 'Отвечает и дожидается записи на диск.'),
      )
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { state: 'fault', faults: [ofServer(setting, error.message)] }
    }
  },
}

/** The message states the fault and then the remedy. */
const ofServer = (setting: string, message: string): Fault => ({
  found: words(message, `База данных: ${message}`),
  setting,
  remedy: words('See PostgreSQL in docs/install.md.', 'Смотрите раздел PostgreSQL в docs/install.md.'),
})
