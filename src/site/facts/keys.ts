import { recipientsInForce } from '../../config/own-recipients.js'
import { foldersOf, splitLocations } from '../../config/storage-locations.js'
import { AppError } from '../../core/errors.js'
import { recordedPurposes } from '../../core/policy.js'
import { words } from '../../core/words.js'
import { expectedMarking } from '../../db/installation.js'
import { openKeyStore } from '../../vault/keys/key-store.js'
import { openStore } from '../../vault/store/store.js'
import { hearingOf } from '../recipients.js'
import { type Fault, fault, faultsOr, faulty, type Outcome, sound } from './fact.js'
import type { Site } from './site.js'

/** The fraction of free space below which a disk is nearly full, as for the alarm `disk-low`. */
const LOW_FRACTION = 0.05

/** Whether the stores are the right volumes, can be written, and have free space. */
export async function store(site: Site): Promise<Outcome> {
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
}

/** The same check of the key stores. */
export async function keyStore(site: Site): Promise<Outcome> {
  const { keystore } = site.config()
  const opened = await openKeyStore(keystore, await expectedMarking(await site.database(), 'verb'))
  const purposes = (await purposesOf(site)).filter(one => opened.accepts(one))
  const faults = await attempt('CONSENTRY_KEYSTORE', purposes, one => opened.checkWritable(one))
  return faultsOr(faults, sound(`Writable: ${listed(keystore)}`, `Доступно для записи: ${listed(keystore)}`))
}

const listed = (locations: string): string => foldersOf(locations).join(', ')

/** The purposes of lines and keys; without any, that of a new line. */
const purposesOf = async (site: Site): Promise<string[]> =>
  hearingOf(await site.lines(), site.config()).purposes.map(({ purpose }) => purpose)

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
  return [...failures].map(message =>
    fault(
      setting,
      words(`It takes nothing: ${message}`, `Ничего не принимает: ${message}`),
      words(
        'Mount the volume, make room, or give the folder to the user of the service: docs/security.md.',
        'Подключите том, освободите место или отдайте папку пользователю службы: docs/security.md.',
      ),
    ),
  )
}

/** The fault of the first nearly full disk. */
export async function lowDisks(
  purposes: readonly string[],
  room: (purpose: string) => Promise<{ free: number; size: number } | undefined>,
): Promise<Fault[]> {
  const rooms = await Promise.all(purposes.map(one => room(one).catch(() => undefined)))
  const low = rooms.find(one => one && one.free < one.size * LOW_FRACTION)
  if (!low) return []
  const free = Math.round(low.free / 2 ** 20)
  return [
    fault(
      'CONSENTRY_STORE',
      words(
        `Less than a twentieth of the disk is free: ${free} MB.`,
        `На диске свободно меньше двадцатой части: ${free} МБ.`,
      ),
      words('Make room before it is full.', 'Освободите место, пока диск не заполнился.'),
    ),
  ]
}

/** Whether each purpose of a line has a key to seal for, and a place for its recordings and keys. */
export async function keys(site: Site): Promise<Outcome> {
  const config = site.config()
  const sealed = new Set(recipientsInForce(config).map(({ purpose }) => purpose))
  if (sealed.size === 0) return faulty(NO_KEYS)
  const recorded = new Set((await site.lines()).flatMap(recordedPurposes))
  const settings = { CONSENTRY_STORE: config.store, CONSENTRY_KEYSTORE: config.keystore }
  const faults = [...recorded].flatMap(purpose => [
    ...(sealed.has(purpose) ? [] : [withoutKey(purpose)]),
    ...Object.entries(settings).flatMap(([setting, locations]) =>
      hasPlace(locations, purpose) ? [] : [withoutPlace(setting, purpose)],
    ),
  ])
  const list = [...sealed].join(', ')
  return faultsOr(faults, sound(`Recordings are sealed for: ${list}`, `Записи запечатываются для: ${list}`))
}

const hasPlace = (locations: string, purpose: string): boolean =>
  (splitLocations(locations) ?? []).some(one => one.purpose === null || one.purpose === purpose)

const NO_KEYS = fault(
  'CONSENTRY_RECIPIENTS',
  words('There are no keys: nothing can be recorded.', 'Ключей нет: записывать нельзя ничего.'),
  words(
    "Make a key on the console's page /setup/key, or run consentry keygen on another machine.",
    'Создайте ключ на странице консоли /setup/key или командой consentry keygen на другой машине.',
  ),
)

export const withoutKey = (purpose: string): Fault =>
  fault(
    'CONSENTRY_RECIPIENTS',
    words(
      `Lines record for the purpose ${purpose}, which has no key: a yes records nothing for it.`,
      `Линии записывают для цели ${purpose}, а ключа для неё нет: согласие для неё ничего не запишет.`,
    ),
    words(
      `Let a key open it on the console's page /setup/key, or add a recipient for ${purpose}.`,
      `Разрешите ключу открывать её на странице /setup/key или добавьте получателя для ${purpose}.`,
    ),
  )

const withoutPlace = (setting: string, purpose: string): Fault =>
  fault(
    setting,
    words(
      `The purpose ${purpose} has no place: the service does not start.`,
      `Для цели ${purpose} нет места: служба не запускается.`,
    ),
    words(`Add ${purpose}=file:/folder.`, `Добавьте ${purpose}=file:/папка.`),
  )
