import { quickLine, quickPurpose } from '../../data/quick-lines.js'

/** Numbers that the callers dial. */
export const LINES = { one: '501', two: '502', notice: '503' } as const

/** One purpose, two purposes, notice only; all with the shortest prompts, so that a batch holds many answers. */
export const lines = [
  quickLine(LINES.one),
  quickLine(LINES.two, { purposes: [quickPurpose('service'), quickPurpose('marketing')] }),
  quickLine(LINES.notice, { mode: 'notice' }),
]
