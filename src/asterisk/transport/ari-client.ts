import { createRequire, Module } from 'node:module'
import type { Client, connect } from 'ari-client'
import WebSocket from 'ws'
import type { AriOperations } from './ari-description.js'
import { type AriEndpoint, senderOf } from './ari-request.js'

/*
 * Loads ari-client without its libraries for HTTP, Swagger and WebSockets, which have had no maintainer for years. ari-client gets
 * the objects below in their place, whatever npm has installed. `overrides` in package.json keeps those libraries off the disk, too.
 */

/** A resource, as ari-client expects it of swagger-client: each operation to read, and to call. */
type Resource = { operations: AriOperations[string] } & Record<string, unknown>

/** What the next `SwaggerApi` offers. ari-client makes it before its `connect` returns, so no other connection comes between. */
let described: Record<string, Resource> = {}

/** Replaces the class that reads a PBX's description. The description has been read already. */
class SwaggerApi {
  readonly ready = true
  readonly apis = described

  constructor({ success, failure }: { success(): void; failure(error: unknown): void }) {
    // ari-client uses the object in `success`, and has it only after this constructor has returned.
    queueMicrotask(() => {
      try {
        success()
      } catch (error) {
        failure(error)
      }
    })
  }
}

/**
 * A message that is not UTF-8 counts as garbled, and does not end the connection. Asterisk compresses no messages. Most
 * have some KB, but a variable of the dialplan may be long.
 */
const SOCKET_OPTIONS = { skipUTF8Validation: true, perMessageDeflate: false, maxPayload: 33_554_432 }

const REPLACED: Record<string, unknown> = {
  // ari-client sends this request to check that the PBX is there. `findAri` has done so.
  request: (_url: string, answered: (error: null) => void) => answered(null),
  'swagger-client': { SwaggerApi, PasswordAuthorization: class {}, authorizations: { add() {} } },
  ws: class extends WebSocket {
    constructor(url: string) {
      super(url, SOCKET_OPTIONS)
    }
  },
}

const require = createRequire(import.meta.url)
const ariClient = loadAriClient()

function loadAriClient(): { connect: typeof connect } {
  const { resolve } = createRequire(require.resolve('ari-client'))
  for (const [name, exports] of Object.entries(REPLACED)) {
    const path = resolve(name)
    require.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true, exports })
  }
  return require('ari-client')
}

/**
 * Makes a client of ari-client, with the operations that a PBX has.
 *
 * @param endpoint where the operations go, and the event socket
 * @throws an error of ari-client if it cannot use the operations
 */
export function createClient(endpoint: AriEndpoint, operations: AriOperations): Promise<Client> {
  described = Object.fromEntries(
    Object.entries(operations).map(([resource, named]) => {
      const senders = Object.entries(named).map(([name, operation]) => [
        name,
        senderOf(endpoint, operation, `${resource}.${name}`),
      ])
      return [resource, { ...Object.fromEntries(senders), operations: named }]
    }),
  )
  return ariClient.connect(endpoint.origin, endpoint.username, endpoint.password.reveal())
}
