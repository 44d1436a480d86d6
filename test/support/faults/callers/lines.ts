import { quickLine, quickPurpose } from '../../data/quick-lines.js'

/** Numbers for one purpose, two purposes, and notice only. */
export const LINES = { one: '501', two: '502', notice: '503' } as const

/** The lines, with the shortest prompts, so that a batch has many answers. */
export const lines = [
  quickLine(LINES.one),
  quickLine(LINES.two, { purposes: [quickPurpose('service'), quickPurpose('marketing')] }),
  quickLine(LINES.notice, { mode: 'notice' }),
]
