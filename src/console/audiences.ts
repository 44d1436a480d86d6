import type { Role } from '../shared/actor.js'

// Who may use the routes, by what a route is about. Pages and routes of the API take their roles from here.

/** Who changes lines, prompts and people. */
export const ADMINISTRATORS = ['administrator'] as const satisfies readonly Role[]
/** Who reads lines, drafts and prompts: all but operators, who see no content. */
export const LINE_READERS = [
  'administrator',
  'supervisor',
  'auditor',
  'privacy-officer',
] as const satisfies readonly Role[]
/** Who tries a line and replays calls through it. */
export const LINE_TRIERS = ['administrator', 'supervisor'] as const satisfies readonly Role[]
/** Who reads calls. */
export const CALL_READERS = ['supervisor', 'auditor', 'privacy-officer'] as const satisfies readonly Role[]
/** Who sees the people who sign in. */
export const PEOPLE_READERS = ['administrator', 'auditor'] as const satisfies readonly Role[]
/** Who sees the parts of the system, the tokens and the description of the API. */
export const SYSTEM_READERS = ['administrator', 'operator'] as const satisfies readonly Role[]
/** Who sees what a new installation was given: the company's name, for which purposes there are keys. */
export const SETUP_READERS = ['administrator', 'auditor'] as const satisfies readonly Role[]
/** Who has the person of a call asked in the middle of the conversation. */
export const CALL_ASKERS = ['supervisor'] as const satisfies readonly Role[]
