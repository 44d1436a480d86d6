import type { Role } from '../core/actor.js'

// The roles that may use the routes, by subject. Pages and routes of the API take their roles from here.

/** Roles that change lines, prompts and people. */
export const ADMINISTRATORS = ['administrator'] as const satisfies readonly Role[]
/** Roles that read lines, drafts and prompts: all but operators, who see no content. */
export const LINE_READERS = [
  'administrator',
  'supervisor',
  'auditor',
  'privacy-officer',
] as const satisfies readonly Role[]
/** Roles that try a line and replay calls through it. */
export const LINE_TRIERS = ['administrator', 'supervisor'] as const satisfies readonly Role[]
/** Roles that read calls. */
export const CALL_READERS = ['supervisor', 'auditor', 'privacy-officer'] as const satisfies readonly Role[]
/** Roles that see the people who sign in. */
export const PEOPLE_READERS = ['administrator', 'auditor'] as const satisfies readonly Role[]
/** Roles that see the parts of the system, the tokens and the description of the API. */
export const SYSTEM_READERS = ['administrator', 'operator'] as const satisfies readonly Role[]
/** Roles that see the setup: the company's name, and the purposes with keys. */
export const SETUP_READERS = ['administrator', 'auditor'] as const satisfies readonly Role[]
/** Roles that have the caller of a call asked in the middle of the conversation. */
export const CALL_ASKERS = ['supervisor'] as const satisfies readonly Role[]
