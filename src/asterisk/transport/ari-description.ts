import { AppError } from '../../core/errors.js'
import { exchange } from './ari-http.js'
import {
  type AriEndpoint,
  type AriOperation,
  type AriParameter,
  authorizationOf,
  baseOf,
} from './ari-request.js'

/** All operations of a PBX, by resource and name. */
export type AriOperations = Readonly<Record<string, Readonly<Record<string, AriOperation>>>>

interface DescribedResource {
  apis: { path: string; operations: DescribedOperation[] }[]
}
interface DescribedOperation {
  nickname: string
  httpMethod: string
  parameters?: AriParameter[]
}

/**
 * Reads which operations a PBX has (Swagger 1.1, as Asterisk's `/ari/api-docs` gives it). Addresses in the description are ignored: all
 * requests go to the endpoint.
 *
 * @param listed the paths that `/ari/api-docs/resources.json` names, such as `/api-docs/channels.{format}`
 * @throws AppError `pbx.unavailable` if the PBX does not answer, or not with a description
 */
export async function readOperations(
  endpoint: AriEndpoint,
  listed: readonly unknown[],
): Promise<AriOperations> {
  try {
    return Object.fromEntries(await Promise.all(listed.map(entry => readListed(endpoint, entry))))
  } catch (cause) {
    throw new AppError('pbx.unavailable', 'the PBX does not describe its ARI', { retryable: true, cause })
  }
}

/** Reads one resource. @returns its name and its operations */
async function readListed(endpoint: AriEndpoint, entry: unknown): Promise<[string, AriOperations[string]]> {
  const path = formatted((entry as { path?: unknown } | null)?.path)
  const [, name] = /([a-zA-Z]+)(\.json)?$/.exec(path) ?? []
  if (!name) throw new TypeError('a resource has no name')
  return [name, await readResource(endpoint, path)]
}

async function readResource(endpoint: AriEndpoint, path: string): Promise<AriOperations[string]> {
  const answer = await exchange(new URL(baseOf(endpoint) + path), {
    headers: { authorization: authorizationOf(endpoint) },
  })
  if (answer.status !== 200) throw new TypeError(`status ${answer.status}`)
  const { apis } = JSON.parse(answer.body) as DescribedResource
  return Object.fromEntries(
    apis.flatMap(({ path: under, operations }) =>
      operations.map(({ nickname, httpMethod, parameters = [] }) => [
        nickname,
        { method: httpMethod.toUpperCase(), path: formatted(under), parameters: parameters.map(checked) },
      ]),
    ),
  )
}

/** A described path, with the format filled in. @throws TypeError for anything else */
function formatted(path: unknown): string {
  if (typeof path !== 'string' || !path.startsWith('/')) throw new TypeError('a path is missing')
  return path.replace('{format}', 'json')
}

/**
 * @throws TypeError if it is not a parameter
 */
function checked({ name, paramType }: AriParameter): AriParameter {
  if (typeof name !== 'string') throw new TypeError('a parameter has no name')
  return { name, paramType }
}
