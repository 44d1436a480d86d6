import type { LinePolicy } from '../shared/policy.js'

/** What a key means on a line while a purpose is in question. */
export function readKey(policy: LinePolicy, digit: string): 'granted' | 'refused' | 'wrong' {
  if (digit === policy.keys.yes) return 'granted'
  if (digit === policy.keys.no) return 'refused'
  return 'wrong'
}
