import type { FastifyContextConfig } from 'fastify'
import { DEEDS, type Deed, type Right } from '../accounts/deeds.js'

/** The deed of a route, and who may do it. */
export interface Access extends Right {
  /** The deed, such as `line.list`. It names the request in the journal. */
  action: Deed
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

/** Configures a route as the way to a deed. The table of deeds says who may use it. */
export const access = (action: Deed): FastifyContextConfig => ({ access: { action, ...DEEDS[action] } })

/** Configures a route without a lasting effect. It is journalled like a visit of a page. */
export const visitAccess = (action: Deed): FastifyContextConfig => ({
  access: { action, ...DEEDS[action], visit: true },
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
