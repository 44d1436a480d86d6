import { recipientsInForce } from '../../../config/own-recipients.js'
import { splitLocations } from '../../../config/storage-locations.js'
import { recordedPurposes } from '../../../core/policy.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

/** Whether each purpose of a line has a key to seal for, and a place for its recordings and keys. */
export const keys: Check = {
  name: 'keys',
  title: words('Keys', 'Ключи'),
  async look(site) {
    const config = site.config()
    const sealed = new Set(recipientsInForce(config).map(({ purpose }) => purpose))
    if (sealed.size === 0) return { state: 'fault', faults: [NO_KEYS] }
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
  },
}

const hasPlace = (locations: string, purpose: string): boolean =>
  (splitLocations(locations) ?? []).some(one => one.purpose === null || one.purpose === purpose)

const NO_KEYS: Fault = {
  found: words('There are no keys: nothing can be recorded.', 'Ключей нет: записывать нельзя ничего.'),
  setting: 'CONSENTRY_RECIPIENTS',
  remedy: words(
    "Draw a key on the console's page /setup/key, or run consentry keygen on another machine.",
    'Создайте ключ на странице консоли /setup/key или командой consentry keygen на другой машине.',
  ),
}

const withoutKey = (purpose: string): Fault => ({
  found: words(
    `Lines record for the purpose ${purpose}, which has no key: a yes records nothing for it.`,
    `Линии записывают для цели ${purpose}, а ключа для неё нет: согласие для неё ничего не запишет.`,
  ),
  setting: 'CONSENTRY_RECIPIENTS',
  remedy: words(
    `Let a key open it on the console's page /setup/key, or add a recipient for ${purpose}.`,
    `Разрешите ключу открывать её на странице /setup/key или добавьте получателя для ${purpose}.`,
  ),
})

const withoutPlace = (setting: string, purpose: string): Fault => ({
  found: words(
    `The purpose ${purpose} has no place: the service does not start.`,
    `Для цели ${purpose} нет места: служба не запускается.`,
  ),
  setting,
  remedy: words(`Add ${purpose}=file:/folder.`, `Добавьте ${purpose}=file:/папка.`),
})
