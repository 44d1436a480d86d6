import { codeOf } from '../../../core/errors.js'
import { words } from '../../../core/words.js'
import { checkSchema, mayChangeRecordings } from '../../../db/schema.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

/** Whether the database has the schema of this version, for the service and for the console. */
export const schema: Check = {
  name: 'schema',
  title: words('Schema of the database', 'Схема базы данных'),
  async look(site) {
    const url = await site.databaseUrl()
    const { consoleUrl } = site.config().database
    const faults = await schemaFaults('DATABASE_URL', () => checkSchema(url))
    if (consoleUrl)
      faults.push(
        ...(await schemaFaults('DATABASE_CONSOLE_URL', () => checkSchema(consoleUrl))),
        ...((await mayChangeRecordings(consoleUrl).catch(() => false)) ? [CONSOLE_MAY_TOO_MUCH] : []),
      )
    return faultsOr(faults, sound('It is that of this version.', 'Соответствует этой версии.'))
  },
}

async function schemaFaults(setting: string, check: () => Promise<void>): Promise<Fault[]> {
  try {
    await check()
    return []
  } catch (error) {
    const { message } = error as Error
    if (codeOf(error) !== 'db.migration' && codeOf(error) !== 'db.unavailable') throw error
    return [
      {
        found: words(message, `Роль в ${setting} не может работать: ${message}`),
        setting,
        remedy: words(
          'If it is older: systemctl restart consentry-migrate, or consentry migrate with the owner in DATABASE_ADMIN_URL. If it is newer: install the version of Consentry that made it.',
          'Если она старее: systemctl restart consentry-migrate или consentry migrate с владельцем базы в DATABASE_ADMIN_URL. Если новее: установите ту версию Consentry, которая её создала.',
        ),
      },
    ]
  }
}

const CONSOLE_MAY_TOO_MUCH: Fault = {
  found: words(
    'The role of the console may change recordings, so the console does not start.',
    'Роль консоли может менять записи, поэтому консоль не запускается.',
  ),
  setting: 'DATABASE_CONSOLE_URL',
  remedy: words(
    'Give the console a role of its own, and run consentry migrate with --console-role.',
    'Заведите консоли отдельную роль и выполните consentry migrate с --console-role.',
  ),
}
