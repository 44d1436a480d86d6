import type { FastifyContextConfig } from 'fastify'
import type { Role } from '../shared/actor.js'

/** Who may use a route, and what the journal calls a request to it. */
export interface Access {
  /** Whoever has one of these roles may. `anyone`: whoever comes, before signing in too. */
  roles: readonly Role[] | 'anyone'
  /** Only a person who has signed in may, and no program with a token. */
  peopleOnly: boolean
  /** Subject and deed, such as `line.list`. */
  action: string
  /** Whether it brings about nothing that lasts, although its method may. */
  visit?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** How long the handler may take, ms, if it is longer than usual. */
    handlerMs?: number
  }
}

/** The configuration of a route that whoever has one of these roles may use, person or program. */
export const access = (action: string, roles: Access['roles']): FastifyContextConfig => ({
  access: { action, roles, peopleOnly: false },
})

/** The configuration of a route that a person with one of these roles may use. A program with a token may not. */
export const peopleAccess = (action: string, roles: readonly Role[]): FastifyContextConfig => ({
  access: { action, roles, peopleOnly: true },
})

/** The configuration of a route for anyone that brings about nothing that lasts. It is journalled like looking at a page. */
export const visitAccess = (action: string): FastifyContextConfig => ({
  access: { action, roles: 'anyone', peopleOnly: false, visit: true },
})

/** A route as far as its access is checked. */
interface CheckedRoute {
  method: string | string[]
  url: string
  config?: { access?: Access } | undefined
  schema?: { summary?: string | undefined; response?: unknown } | undefined
}

/** Refuses a route without access, summary or schema of its answers, so that the console does not start with one. @throws Error */
export function requireAccess({ method, url, config, schema }: CheckedRoute): void {
  const missing = [
    config?.access ? [] : ['access'],
    schema?.summary ? [] : ['summary'],
    schema?.response ? [] : ['response'],
  ].flat()
  if (missing.length > 0) throw new Error(`The route ${method} ${url} has no ${missing.join(', ')}.`)
}
