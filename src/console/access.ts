import type { FastifyContextConfig } from 'fastify'
import type { Role } from '../core/actor.js'

/** The roles for a route, and the journal's name of the request. */
export interface Access {
  /** The roles that may use it. `anyone`: all visitors, before sign-in too. */
  roles: readonly Role[] | 'anyone'
  /** True if only a signed-in person may use it, and not a program with a token. */
  peopleOnly: boolean
  /** Subject and action, such as `line.list`. */
  action: string
  /** True if it has no lasting effect, although its method may. */
  visit?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Longest time of the handler, ms, if it differs from the default. */
    handlerMs?: number
  }
}

/** Configures a route for people and programs with one of these roles. */
export const access = (action: string, roles: Access['roles']): FastifyContextConfig => ({
  access: { action, roles, peopleOnly: false },
})

/** Configures a route for people with one of these roles. Programs with a token are refused. */
export const peopleAccess = (action: string, roles: readonly Role[]): FastifyContextConfig => ({
  access: { action, roles, peopleOnly: true },
})

/** Configures a route for anyone without a lasting effect. It is journalled like a visit of a page. */
export const visitAccess = (action: string): FastifyContextConfig => ({
  access: { action, roles: 'anyone', peopleOnly: false, visit: true },
})

/** The fields of a route that its access check needs. */
interface CheckedRoute {
  method: string | string[]
  url: string
  config?: { access?: Access } | undefined
  schema?: { summary?: string | undefined; response?: unknown } | undefined
}

/** Refuses a route without access, summary or schema of its answers. The console then does not start. @throws Error */
export function requireAccess({ method, url, config, schema }: CheckedRoute): void {
  const missing = [
    config?.access ? [] : ['access'],
    schema?.summary ? [] : ['summary'],
    schema?.response ? [] : ['response'],
  ].flat()
  if (missing.length > 0) throw new Error(`The route ${method} ${url} has no ${missing.join(', ')}.`)
}

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
