import { readConfig } from '../../../src/config/config.js'
import { AppError } from '../../../src/core/errors.js'

/** The variables that a service cannot do without. */
export const pbx = { ARI_USERNAME: 'consentry', ARI_PASSWORD: 'hush' }
export const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
export const recipient = { purpose: 'service', keyId: 'service-1', publicKey: key(1) }
export const identity = { ...recipient, secretKey: key(2) }

/** @returns the message that refuses an environment; `taken` if it is valid */
export const configFault = (env: Record<string, string>, use?: 'tool'): string => {
  try {
    readConfig(env, use)
  } catch (error) {
    if (error instanceof AppError && error.code === 'config.invalid') return error.message
  }
  return 'taken'
}
