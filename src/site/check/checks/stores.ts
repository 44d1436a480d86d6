import { foldersOf } from '../../../config/storage-locations.js'
import { AppError } from '../../../core/errors.js'
import { recordedPurposes } from '../../../core/policy.js'
import { words } from '../../../core/words.js'
import { expectedMarking } from '../../../db/installation.js'
import { openKeyStore } from '../../../vault/keys/key-store.js'
import { openStore } from '../../../vault/store/store.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'
import type { Site } from '../site.js'

/** The fraction of free space below which a disk is nearly full, as for the alarm `disk-low`. */
const LOW_FRACTION = 0.05

/** Whether the stores are the right volumes, can be written, and have free space. */
export const store: Check = {
  name: 'store',
  title: words('Store of recordings', 'Хранилище записей'),
  async look(site) {
    const { store: locations } = site.config()
    const opened = await openStore(locations, await expectedMarking(await site.database(), 'verb'))
    const purposes = (await purposesOf(site)).filter(one => opened.accepts(one))
    const faults = [
      ...(await attempt('CONSENTRY_STORE', purposes, one => opened.checkWritable(one))),
      ...(await lowDisks(purposes, one => opened.freeSpace(one))),
    ]
    return faultsOr(
      faults,
      sound(`Writable: ${listed(locations)}`, `Доступно для записи: ${listed(locations)}`),
    )
  },
}

/** The same check of the key stores. */
export const keyStore: Check = {
  name: 'key-store',
  title: words('Key store', 'Хранилище ключей'),
  async look(site) {
    const { keystore } = site.config()
    const opened = await openKeyStore(keystore, await expectedMarking(await site.database(), 'verb'))
    const purposes = (await purposesOf(site)).filter(one => opened.accepts(one))
    const faults = await attempt('CONSENTRY_KEYSTORE', purposes, one => opened.checkWritable(one))
    return faultsOr(
      faults,
      sound(`Writable: ${listed(keystore)}`, `Доступно для записи: ${listed(keystore)}`),
    )
  },
}

const listed = (locations: string): string => foldersOf(locations).join(', ')

/** The purposes of lines and recipients; without any, the default purpose. */
async function purposesOf(site: Site): Promise<string[]> {
  const recorded = (await site.lines()).flatMap(recordedPurposes)
  const known = [...new Set([...recorded, ...site.config().recipients.map(({ purpose }) => purpose)])]
  return known.length > 0 ? known : ['service']
}

async function attempt(
  setting: string,
  purposes: readonly string[],
  check: (purpose: string) => Promise<void>,
): Promise<Fault[]> {
  const failures = new Set<string>()
  for (const purpose of purposes)
    await check(purpose).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error
      failures.add(error.message)
    })
  return [...failures].map(message => ({
    found: words(`It takes nothing: ${message}`, `Ничего не принимает: ${message}`),
    setting,
    remedy: words(
      'Mount the volume, make room, or give the folder to the user of the service: docs/security.md.',
      'Подключите том, освободите место или отдайте папку пользователю службы: docs/security.md.',
    ),
  }))
}

async function lowDisks(
  purposes: readonly string[],
  room: (purpose: string) => Promise<{ free: number; size: number } | undefined>,
): Promise<Fault[]> {
  const rooms = await Promise.all(purposes.map(one => room(one).catch(() => undefined)))
  const low = rooms.find(one => one && one.free < one.size * LOW_FRACTION)
  if (!low) return []
  const free = Math.round(low.free / 2 ** 20)
  return [
    {
      found: words(
        `Less than a twentieth of the disk is free: ${free} MB.`,
        `На диске свободно меньше двадцатой части: ${free} МБ.`,
      ),
      setting: 'CONSENTRY_STORE',
      remedy: words('Make room before it is full.', 'Освободите место, пока диск не заполнился.'),
    },
  ]
}
