import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../../../src/accounts/webauthn.js'

/** Flags of authenticator data (WebAuthn level 3 section 6.1). */
const PRESENT = 0x01
const VERIFIED = 0x04
const ATTESTED = 0x40

/** What a proof gets wrong on purpose. */
export interface Mistakes {
  challenge?: string
  origin?: string
  rpId?: string
  counter?: number
  verified?: boolean
  type?: string
  /** Whose passkey it says to be. Null: it says nothing. */
  user?: string | null
}

/** A passkey of a program, as an authenticator keeps it: ES256, and a counter that goes up. */
export class SoftPasskey {
  readonly id = randomBytes(32).toString('base64url')
  readonly #key: KeyObject
  readonly #cose: Buffer
  counter = 0
  /** The user handle that it was made for, base64url. */
  user = ''

  constructor(
    readonly origin: string,
    readonly rpId = new URL(origin).hostname,
  ) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#key = privateKey
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const point = (text: string) => cborBytes(Buffer.from(text, 'base64url'))
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053 section 7.1.1).
    const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21])
    this.#cose = Buffer.concat([head, point(x), Buffer.from([0x22]), point(y)])
  }

  /** Answers what a browser is asked to make. */
  make(
    options: { challenge: string; user: { id: string } },
    mistakes: Mistakes = {},
  ): RegistrationResponseJSON {
    this.user = options.user.id
    const id = Buffer.from(this.id, 'base64url')
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, this.#cose])
    const data = Buffer.concat([this.#data(ATTESTED, mistakes), attested])
    // {"fmt": "none", "attStmt": {}, "authData": data}.
    const attestation = Buffer.concat([
      ...[Buffer.from([0xa3]), cborText('fmt'), cborText('none'), cborText('attStmt'), Buffer.from([0xa0])],
      ...[cborText('authData'), cborBytes(data)],
    ])
    return {
      ...{ id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {} },
      response: {
        clientDataJSON: this.#client('webauthn.create', options.challenge, mistakes).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    }
  }

  /** Answers what a browser is asked to prove. */
  prove(options: { challenge: string }, mistakes: Mistakes = {}): AuthenticationResponseJSON {
    this.counter += 1
    const data = this.#data(0, mistakes)
    const client = this.#client('webauthn.get', options.challenge, mistakes)
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
    const user = mistakes.user === undefined ? this.user : mistakes.user
    return {
      ...{ id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {} },
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, this.#key).toString('base64url'),
        ...(user !== null && { userHandle: user }),
      },
    }
  }

  #data(flags: number, { rpId = this.rpId, verified = true, counter = this.counter }: Mistakes): Buffer {
    const rest = Buffer.alloc(5)
    rest.writeUInt8(flags | PRESENT | (verified ? VERIFIED : 0))
    rest.writeUInt32BE(counter, 1)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), rest])
  }

  #client(type: string, challenge: string, mistakes: Mistakes): Buffer {
    const data = { type, challenge, origin: this.origin, crossOrigin: false }
    const { type: wrongType = type, challenge: wrong = challenge, origin = this.origin } = mistakes
    return Buffer.from(JSON.stringify({ ...data, type: wrongType, challenge: wrong, origin }))
  }
}

const cborText = (text: string) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)])
/** In the shortest form, as CTAP 2 wants it. */
const cborBytes = (bytes: Buffer) => {
  const { length } = bytes
  const head = length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), bytes])
}
