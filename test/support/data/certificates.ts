import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** Bytes of one DER element (ITU-T X.690): tag, length, contents. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  const { length } = body
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), body])
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body])
}

const sequence = (...contents: Uint8Array[]) => der(0x30, ...contents)
const text = (tag: number, value: string) => der(tag, Buffer.from(value))
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))
const nameOf = (common: string) => sequence(der(0x31, sequence(oid('550403'), text(0x0c, common))))
const utc = (ms: number) => text(0x17, `${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`)
const extension = (id: string, value: Uint8Array) => sequence(oid(id), der(0x04, value))
const pem = (what: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${what.toString('base64')}\n-----END CERTIFICATE-----\n`
const DAY_MS = 86_400_000

/** A certificate (RFC 5280), valid from yesterday until tomorrow. @returns PEM */
function certificate(
  subject: string,
  key: KeyObject,
  by: { name: string; key: KeyObject },
  more: Buffer,
): string {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(by.name),
    sequence(utc(Date.now() - DAY_MS), utc(Date.now() + DAY_MS)),
    nameOf(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(more)),
  )
  const signature = sign('sha256', body, by.key)
  return pem(sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature)))
}

/** Makes a certificate authority, and a server's certificate for `host` that it has signed. @returns PEM */
export function makeCertificates(host: string): { ca: string; cert: string; key: string } {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const [authority, server] = [pair(), pair()]
  const by = { name: 'test authority', key: authority }
  const isAuthority = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))))
  const isFor = extension('551d11', sequence(text(0x82, host)))
  return {
    ca: certificate(by.name, authority, by, isAuthority),
    cert: certificate(host, server, by, isFor),
    key: server.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}
