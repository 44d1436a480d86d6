import { systemClock } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import { words } from '../../core/words.js'
import { findServerFaults } from '../../db/check-server.js'
import { checkSchema, mayChangeRecordings } from '../../db/schema.js'
import { testJournal } from '../../journal/test-journal.js'
import { dayCheckOf } from '../../recordings/retain/day-check.js'
import { type Fault, fault, faultsOr, faulty, type Outcome, sound } from './fact.js'
import type { Site } from './site.js'

/** Whether PostgreSQL can be reached, syncs commits, and keeps callers' numbers out of its log. */
export async function database(site: Site): Promise<Outcome> {
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
    return faulty(ofServer(setting, error.message))
  }
}

/** The message states the fault and then the remedy. */
const ofServer = (setting: string, message: string): Fault =>
  fault(
    setting,
    words(message, `База данных: ${message}`),
    words('See PostgreSQL in docs/install.md.', 'Смотрите раздел PostgreSQL в docs/install.md.'),
  )

/** Whether the database has the schema of this version, for the service and for the console. */
export async function schema(site: Site): Promise<Outcome> {
  const url = await site.databaseUrl()
  const { consoleUrl } = site.config().database
  const faults = await schemaFaults('DATABASE_URL', () => checkSchema(url))
  if (consoleUrl)
    faults.push(
      ...(await schemaFaults('DATABASE_CONSOLE_URL', () => checkSchema(consoleUrl))),
      ...((await mayChangeRecordings(consoleUrl).catch(() => false)) ? [CONSOLE_MAY_TOO_MUCH] : []),
    )
  return faultsOr(faults, sound('It is that of this version.', 'Соответствует этой версии.'))
}

async function schemaFaults(setting: string, check: () => Promise<void>): Promise<Fault[]> {
  try {
    await check()
    return []
  } catch (error) {
    const { message } = error as Error
    if (codeOf(error) !== 'db.migration' && codeOf(error) !== 'db.unavailable') throw error
    return [
      fault(
        setting,
        words(message, `Роль в ${setting} не может работать: ${message}`),
        words(
          'If it is older: systemctl restart consentry-migrate, or consentry migrate with the owner in DATABASE_ADMIN_URL. If it is newer: install the version of Consentry that made it.',
          'Если она старее: systemctl restart consentry-migrate или consentry migrate с владельцем базы в DATABASE_ADMIN_URL. Если новее: установите ту версию Consentry, которая её создала.',
        ),
      ),
    ]
  }
}

const CONSOLE_MAY_TOO_MUCH = fault(
  'DATABASE_CONSOLE_URL',
  words(
    'The role of the console may change recordings, so the console does not start.',
    'Роль консоли может менять записи, поэтому консоль не запускается.',
  ),
  words(
    'Give the console a role of its own, and run consentry migrate with --console-role.',
    'Заведите консоли отдельную роль и выполните consentry migrate с --console-role.',
  ),
)

/** Whether the journal accepts events: one is inserted and rolled back. A half-restored database refuses all events. */
export async function journal(site: Site): Promise<Outcome> {
  await site.database()
  const refusal = await testJournal(await site.databaseUrl())
  if (refusal === undefined) return sound('It takes events.', 'Принимает события.')
  return faulty(eventsRefused(refusal))
}

/** @param why the refusal, if it is known */
export const eventsRefused = (why?: string): Fault => {
  const because = why === undefined ? '' : ` (${why})`
  return fault(
    'DATABASE_URL',
    words(
      `The database refuses every event${because}: nothing is journalled, and no yes counts.`,
      `База отвергает все события${because}: журнал не ведётся, и ни одно «да» не считается.`,
    ),
    words(
      'Remove the trigger or constraint that is not ours. If a backup was being restored, restore it whole.',
      'Уберите чужой триггер или ограничение. Если восстанавливали копию, восстановите её целиком.',
    ),
  )
}

/** Whether the machine's clock agrees with PostgreSQL's, and is not earlier than the journal's events. */
export async function clock(site: Site): Promise<Outcome> {
  const db = await site.database()
  const day = dayCheckOf({ db, clock: systemClock, config: site.config() })
  const doubt = await day.check()
  if (!doubt)
    return sound('It agrees with PostgreSQL and the journal.', 'Сходятся с PostgreSQL и с журналом.')
  return faulty(clockInDoubt(doubt))
}

export const clockInDoubt = ({ kind, detail }: { kind: string; detail: string }): Fault =>
  kind === 'restored'
    ? fault(
        'DATABASE_URL',
        words(`Nothing is purged: ${detail}`, `Ничего не уничтожается: ${detail}`),
        words('See Restore in docs/operate.md.', 'Раздел Restore в docs/operate.md.'),
      )
    : fault(
        kind === 'database' ? 'PostgreSQL' : 'time-sync.target',
        words(`Nothing is purged: ${detail}`, `Часы вызывают сомнение, и ничего не уничтожается: ${detail}`),
        words(
          'Set the clock by systemd-timesyncd or chrony: The clock in docs/operate.md.',
          'Поставьте часы через systemd-timesyncd или chrony: раздел The clock в docs/operate.md.',
        ),
      )
