import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { App } from '../../../src/console/deps.js'

/** A route of the console: page, API or file. */
export interface DeclaredRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With names for parameters, such as `/people/:name/roles`. */
  url: string
}

/** Every route that the server has, as it prints them. Files are left out. */
export function routesOf(app: App): DeclaredRoute[] {
  const routes: DeclaredRoute[] = []
  /** The parts of the address above a line, by its depth. */
  const above: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const found = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line)
    if (!found) continue
    const [, indent = '', part = '', methods = ''] = found
    const depth = indent.length / 4
    above.splice(depth, above.length, part)
    for (const method of methods.split(', ').filter(Boolean))
      routes.push({ method: method as DeclaredRoute['method'], url: above.join('') })
  }
  return routes.filter(({ url }) => !url.endsWith('*'))
}

/** The address of a route with each of its parameters set. */
export const filled = (url: string, value = '700'): string => url.replaceAll(/:\w+/g, value)

/** Whether it is one of the API. */
export const isApi = ({ url }: DeclaredRoute): boolean => url.startsWith('/api/')

/** Whether its answer is a stream of events, which has no end. */
export const isStream = ({ url }: Pick<DeclaredRoute, 'url'>): boolean => url.endsWith('/events')

/** Requests a route. Of a stream of events only the head is waited for. */
export async function look(
  app: App,
  request: InjectOptions,
): Promise<Pick<LightMyRequestResponse, 'statusCode' | 'headers' | 'body'>> {
  if (!isStream({ url: String(request.url) })) return app.inject(request)
  const answer = await app.inject({ ...request, payloadAsStream: true })
  const { statusCode, headers } = answer
  answer.stream().destroy()
  return { statusCode, headers, body: '' }
}

/** Whether it may change something. */
export const changes = ({ method }: DeclaredRoute): boolean => method !== 'GET'

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
