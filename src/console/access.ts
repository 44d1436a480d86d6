import type { FastifyContextConfig } from 'fastify'
import type { Role } from '../shared/actor.js'

/** Who may use a route, and what the journal calls a request to it. */
export interface Access {
  /** Whoever has one of these roles may. */
  roles: readonly Role[]
  /** Subject and deed, such as `line.list`. */
  action: string
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** How long the handler may take, ms, if it is longer than usual. */
    handlerMs?: number
  }
}

/** The configuration of a route that whoever has one of these roles may use. */
export const access = (action: string, roles: readonly Role[]): FastifyContextConfig => ({
  access: { action, roles },
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
