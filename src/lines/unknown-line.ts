import type { LinePolicy } from '../core/policy.js'

const continueInDialplan = { do: 'continue' } as const

/**
 * The policy of a number that is not a line, or whose policy is invalid: calls continue in the dialplan and are not
 * recorded.
 */
export const unknownLine = (number: string, version = 0): LinePolicy => ({
  number,
  version,
  language: 'ru',
  mode: 'none',
  disclosure: 'disclosure-key',
  purposes: [],
  keys: { yes: '1', no: '2', withdraw: '*9', pause: '*7' },
  bargeIn: true,
  waitMs: 5_000,
  retries: 0,
  onWithdraw: 'destroy',
  pauseMaxMs: 120_000,
  onRefused: continueInDialplan,
  onSilent: continueInDialplan,
  onFailed: continueInDialplan,
})
