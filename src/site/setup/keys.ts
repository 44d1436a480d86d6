import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { type Words, words } from '../../core/words.js'
import { withHeld } from '../../lib/host/guarded-path.js'
import { inMemory } from '../../lib/host/memory.js'
import type { StepPlan } from './change.js'
import { type Machine, readFile } from './machine.js'

export const RECIPIENTS_FILE = '/etc/consentry/recipients.json'
/** Where the service stores recipients that the console adds. */
const BY_CONSOLE = '/var/lib/consentry/recipients.json'

/** Where keys are made: in the browser of a person who hears recordings, or here, with the secret half in a folder. */
export type KeyChoice = 'console' | { folder: string; purposes: readonly string[] }

/**
 * Plans the keys. The secret half goes to a folder that leaves this machine, or never is on this machine.
 *
 * @param named the file that the settings name, if any
 * @throws AppError `request.invalid` for a missing folder, or one in memory, which a restart empties
 */
export async function planKeys(
  machine: Machine,
  choice: KeyChoice,
  named?: string,
): Promise<StepPlan & { recipients: string | undefined }> {
  const title = words('Keys', 'Ключи')
  const present = [named, RECIPIENTS_FILE, BY_CONSOLE].find(
    path => path !== undefined && readFile(machine, path) !== undefined,
  )
  if (present !== undefined)
    return {
      ...{ title, changes: [], todo: [], recipients: present === BY_CONSOLE ? undefined : present },
      found: [words(`The public halves are in ${present}.`, `Открытые половины лежат в ${present}.`)],
    }
  if (choice === 'console')
    return { title, changes: [], recipients: undefined, found: [IN_THE_BROWSER], todo: [DRAW_IN_CONSOLE] }
  const { folder, purposes } = choice
  await refuseMemory(folder)
  return {
    ...{ title, recipients: RECIPIENTS_FILE },
    found: [words(`Keys for: ${purposes.join(', ')}.`, `Ключи для: ${purposes.join(', ')}.`)],
    changes: [{ do: 'draw-keys', purposes, folder, recipients: RECIPIENTS_FILE }],
    todo: [moveAway(machine, folder)],
  }
}

async function refuseMemory(folder: string): Promise<void> {
  if (deviceOf('/', folder) === undefined)
    throw new AppError(
      'request.invalid',
      `There is no folder ${folder}: mount the disk, or name another one.`,
    )
  if (!(await inMemory(folder))) return
  throw new AppError(
    'request.invalid',
    `${folder} is in memory, and empty after the next start: name a folder on a removable disk. Without the secret half no recording can ever be opened.`,
  )
}

/** The device of a folder; undefined if it does not exist. */
const deviceOf = (root: string, path: string): number | undefined =>
  withHeld({ root }, path, undefined, ({ stat }) => stat.dev)

function moveAway(machine: Machine, folder: string): Words {
  const identity = join(folder, 'identity.json')
  const isHere = deviceOf('/', folder) === deviceOf(machine.host.root, '/etc')
  return isHere
    ? words(
        `Move ${identity} off this machine, which records, and keep a copy: without it no recording can ever be opened.`,
        `Унесите ${identity} с этой машины: она записывает. Сделайте копию: без него не открыть ни одной записи.`,
      )
    : words(
        `Take the disk with ${identity} away, and keep a copy: without it no recording can ever be opened.`,
        `Заберите диск с ${identity} и сделайте копию: без него не открыть ни одной записи.`,
      )
}

const IN_THE_BROWSER = words(
  'They are made in the browser of each person who hears recordings.',
  'Их создаёт в браузере тот, кто слушает записи.',
)
const DRAW_IN_CONSOLE = words(
  "Make a key on the console's page /setup/key. Until then nothing is recorded.",
  'Создайте ключ на странице консоли /setup/key. До этого ничего не записывается.',
)
