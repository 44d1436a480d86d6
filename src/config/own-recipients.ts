import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../core/errors.js'
import { jsonOrFile, recipients } from './fields.js'

type Recipients = z.output<typeof recipients>

/** The file of recipients that the service keeps itself. @param data absolute path of the data folder */
export const ownRecipientsFile = (data: string): string => join(data, 'recipients.json')

/**
 * Reads the recipients that the service keeps itself.
 *
 * @returns an empty list without a file
 * @throws AppError `config.invalid`
 */
export function readOwnRecipients(file: string): Recipients {
  if (!existsSync(file)) return []
  const read = jsonOrFile.pipe(recipients).safeParse(file)
  if (read.success) return read.data
  const [fault] = read.error.issues
  throw new AppError(
    'config.invalid',
    `${file}: ${fault?.message}. Restore it from where you keep it, or name another one in CONSENTRY_RECIPIENTS.`,
  )
}

/**
 * Reads the recipients in force: the service may have added some since this process started.
 * @throws AppError `config.invalid`
 */
export const recipientsInForce = (config: {
  recipients: Recipients
  recipientsFile: string | undefined
}): Recipients => (config.recipientsFile ? readOwnRecipients(config.recipientsFile) : config.recipients)
