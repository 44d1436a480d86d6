import { words } from '../core/words.js'
import type { Log } from '../lib/log.js'
import type { Config } from './config.js'

/** The effect of missing rules about the company's phones. The service logs it at its start, and a check reports it. */
export const NO_INSIDE = words(
  'CONSENTRY_INSIDE is not set: only the first whom a caller reaches counts as a colleague, and whoever comes later, as after a transfer, pauses the recording',
  'CONSENTRY_INSIDE не задана: сотрудником считается только первый, с кем соединён звонящий, а любой следующий, например после перевода, приостанавливает запись',
)

/** Logs settings that have no effect, one that is missing, and one that the host of a service should not have. */
export function warnAboutSettings({ unknownNames, identities, inside }: Config, log: Log): void {
  for (const { name, meant } of unknownNames)
    log.warn(
      { setting: name, ...(meant && { meant }) },
      'there is no such setting: what was set by it does not hold',
    )
  if (inside.length === 0) log.warn(NO_INSIDE.en)
  if (identities)
    log.warn('CONSENTRY_IDENTITY is set: take it off this host, where no recording needs to be opened')
}
