import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { serversIn } from '../core/database-servers.js'
import { isUuid } from '../core/ids.js'
import { hasSecretHalf, isPublicOnly, SWAPPED_FILE_MESSAGES } from '../core/key-halves.js'
import { Secret } from '../core/secret.js'
import { WRITABLE_TEXT } from '../core/texts.js'
import { joinLocations, type StorageLocation, splitLocations } from './storage-locations.js'

// Forms of settings. Each parses the text of a variable, or explains which form is required.

export const path = z.string().transform(text => resolve(text))

/** `host:port` or `[v6]:port`. The host is required, so that no service listens on all addresses by accident. */
export const address = z.string().transform((text, context) => {
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = v6 ?? name
  const port = Number(digits)
  if (host && port <= 65_535) return { host, port }
  context.addIssue('give host:port, for example 127.0.0.1:8080')
  return z.NEVER
})

/** `address`, or `off`. @returns undefined for `off` */
export const addressOrOff = z.union([z.literal('off').transform(() => undefined), address], {
  error: 'give host:port, for example 127.0.0.1:8081, or off',
})

/** A URL with no role before the host. */
const WITHOUT_ROLE = /^\w+:\/\/(:[^@]*@|@|[^@]*$)/

export const databaseUrl = z.string().transform((text, context) => {
  const form = 'give postgres://role:password@host:port/database'
  if (!/^postgres(ql)?:\/\/\S+$/.test(text)) context.addIssue(form)
  else if (WITHOUT_ROLE.test(text)) context.addIssue(`it names no role: ${form}`)
  // PostgreSQL's own programs accept a URL without a host, for a Unix socket.
  else if (!serversIn(text.replace('@/', '@localhost/')).every(one => URL.canParse(one)))
    context.addIssue('it is not a valid URL: in its password write %2F for /, %23 for #, %3F for ?')
  else if (!/[?&]target_session_attrs=(read-write|primary)(&|$)|^((?!target_session_attrs=).)*$/.test(text))
    context.addIssue('it must lead to a server that takes writes: target_session_attrs=read-write')
  else return new Secret(text)
  return z.NEVER
})

/** The id of a node, as `service.id` has it. */
export const nodeId = z.string().refine(isUuid, 'give the id of a node, as the refused start names it')

export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/, 'give http://host:port, without user and password')
  .transform(url => url.replace(/\/+$/, ''))

/** Names of hosts, separated by commas. */
export const hosts = z.string().transform((text, context) => {
  const all = text.split(',').flatMap(one => one.trim().toLowerCase() || [])
  const wrong = all.find(one => !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(one))
  if (wrong === undefined) return [...new Set(all)]
  context.addIssue(`${wrong} is no host: give witness.corp.example, with commas between several`)
  return z.NEVER
})

/** The origin of pages (RFC 6454), without a path. */
export const origin = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/, 'give https://host or https://host:port')
  .transform(text => new URL(text).origin)

/** Addresses or networks in CIDR form, separated by commas or blanks. */
export const addresses = z.string().transform((text, context) => {
  const all = text.split(/[\s,]+/).filter(one => one !== '')
  const wrong = all.find(one => !isNetwork(one))
  if (wrong === undefined) return all
  context.addIssue(`${wrong} is no address: give 10.0.0.5 or 10.0.0.0/24, with commas between several`)
  return z.NEVER
})

function isNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits)
  return isIP(address) !== 0 && fits && more.length === 0
}

/** A phone as Asterisk dials it: technology and resource. No `&`, which would join several phones. */
const ENDPOINT = /^[A-Za-z][A-Za-z0-9_]{0,31}\/[A-Za-z0-9._@:/+*#~-]{1,128}$/

/** Endpoints, separated by commas. @param examples for the message @param further another accepted form */
const endpoints = (examples: string, further?: RegExp) =>
  z.string().transform((text, context) => {
    const all = text.split(',').flatMap(one => one.trim() || [])
    const wrong = all.find(one => !ENDPOINT.test(one) && further?.test(one) !== true)
    if (wrong === undefined) return [...new Set(all)]
    context.addIssue(`${wrong} is no phone: give ${examples}, with commas between several`)
    return z.NEVER
  })

/** A phone that may be rung, and its name for people. */
export interface NamedEndpoint {
  endpoint: string
  name: string | undefined
}

/** Phones that may be rung, separated by commas, each with a name after `=` if it has one. */
export const ringEndpoints = z.string().transform((text, context) => {
  const all = text.split(',').flatMap(one => one.trim() || [])
  const phones = all.map((one): NamedEndpoint => {
    const [, endpoint = one, name] = /^([^=]*)=(.*)$/.exec(one) ?? []
    return { endpoint: endpoint.trim(), name: name?.trim() || undefined }
  })
  const wrong = phones.find(({ endpoint, name }) => !ENDPOINT.test(endpoint) || (name?.length ?? 0) > 60)
  if (wrong === undefined) return [...new Map(phones.map(phone => [phone.endpoint, phone])).values()]
  context.addIssue(
    `${wrong.endpoint} is no phone: give PJSIP/anna, PJSIP/701@trunk or PJSIP/anna=Anna, with commas between several`,
  )
  return z.NEVER
})
/** An endpoint that is not of the company, or a context of the dialplan. A context has no name of more than 79 characters. */
const EXCLUSION_OR_CONTEXT = new RegExp(`^!${ENDPOINT.source.slice(1)}|^context:[A-Za-z0-9_.*-]{1,79}$`)

/**
 * Phones of the company, other phones, and contexts of company phones, separated by commas. A star stands for any
 * characters.
 */
export const insideEndpoints = endpoints(
  'PJSIP/anna or PJSIP/7*, !PJSIP/carrier for one that is not of the company, or context:from-internal',
  EXCLUSION_OR_CONTEXT,
)

/** The number of a line. */
const LINE_NUMBER = /^[0-9A-Za-z*#+]{1,79}$/

/** Numbers of lines, separated by commas. */
export const probeLines = z.string().transform((text, context) => {
  const all = text.split(',').flatMap(one => one.trim() || [])
  const wrong = all.find(one => !LINE_NUMBER.test(one))
  if (wrong === undefined) return [...new Set(all)]
  context.addIssue(`${wrong} is no number of a line: give 100, with commas between several`)
  return z.NEVER
})

/** A bearer token (RFC 6750), long enough that guessing is hopeless. */
export const apiToken = z
  .string()
  .regex(/^[A-Za-z0-9\-._~+/]{16,512}=*$/, 'give 16 characters or more: letters, digits and - . _ ~ + /')
  .transform(token => new Secret(token))

/** Five fields of crontab(5), or six with seconds. Their values are checked when jobs are started. */
export const cron = z.string().regex(/^\s*\S+(\s+\S+){4,5}\s*$/, 'give five fields, for example 17 * * * *')

const MAX_COUNT = 999_999_999

/** A whole number from `least`. @param why ends the message that names the bounds */
export const countFrom = (least: number, why = '') =>
  z.string().transform((text, context) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text)
    context.addIssue(`give a whole number from ${least} to ${MAX_COUNT}${why}`)
    return z.NEVER
  })

/** The longest retention, days. A line's `retentionDays` has the same bound. */
const MAX_DAYS = 3660

/** A retention in days. */
export const days = z.string().transform((text, context) => {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_DAYS) return Number(text)
  context.addIssue(`give a whole number of days from 1 to ${MAX_DAYS}`)
  return z.NEVER
})

/** Name of a transparency log (C2SP tlog-checkpoint): a URL without its scheme. */
export const logOrigin = z
  .string()
  .regex(/^[^\s+]{1,200}$/, 'give a name like log.example.org/consentry, without spaces and plus signs')

/** The public key of a witness, in the form that `consentry witness` prints. */
export const witnessKey = z
  .string()
  .regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/, 'give the verifier key that consentry witness prints')

/** A folder, `file:/path`. A relative path starts at the working directory. */
const folderUrl = (text: string): string | undefined => {
  const folder = /^file:(?:\/\/(?=\/))?(?!\/\/)([^,]+)$/.exec(text.trim())?.[1]
  return folder && `file:${resolve(folder)}`
}

/** The URL of one store. Only folders can be opened; `openStore` refuses `s3:`. */
const storeUrl = (text: string): string | undefined => (/^s3:\/\/\S+$/.test(text) ? text : folderUrl(text))

/** One folder, or several live mirrors joined by commas. */
const mirrorUrls = (text: string): string | undefined => {
  const urls = text.split(',').map(folderUrl)
  return urls.every(url => url !== undefined) && new Set(urls).size === urls.length
    ? urls.join(',')
    : undefined
}

/** One location for all purposes, or one for each. Two purposes must not share a folder, because they must be separate. */
const storageSetting = (readUrl: (text: string) => string | undefined, wanted: string) =>
  z.string().transform((text, context) => {
    const locations = (splitLocations(text) ?? []).map(({ purpose, url }) => ({ purpose, url: readUrl(url) }))
    const folders = locations.flatMap(({ url }) => url?.split(',') ?? [])
    if (locations.length === 0 || locations.some(({ url }) => url === undefined))
      context.addIssue(`give ${wanted}, or one for each purpose: service=file:/a marketing=file:/b`)
    else if (new Set(folders).size < folders.length)
      context.addIssue('two purposes share a folder; give each its own, or one for all')
    else return joinLocations(locations as StorageLocation[])
    return z.NEVER
  })

export const store = storageSetting(storeUrl, 'file:/absolute/path')

export const keyStore = storageSetting(
  mirrorUrls,
  'file:/absolute/path, or two different ones joined by a comma',
)

/** JSON, or the path of a file with JSON. Faults never quote the content, which may be a secret key. */
const jsonOrFileWith = (advice: string) =>
  z.string().transform((text, context) => {
    try {
      return JSON.parse(/^\s*[[{]/.test(text) ? text : readFileSync(resolve(text), 'utf8')) as unknown
    } catch (error) {
      context.addIssue(`${describeReadFailure(text, error)}; ${advice}`)
      return z.NEVER
    }
  })

/** A text that may be malformed JSON or a bare key. Faults do not quote it. */
const MAY_BE_SECRET = /[\s"'{}[\],]|^[A-Za-z0-9+/_=-]{43,}$/

function describeReadFailure(text: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const there = existsSync(text)
  if (there && code === undefined) return 'the file does not hold JSON'
  if (there) return `${resolve(text)} cannot be read: ${code}`
  return MAY_BE_SECRET.test(text)
    ? 'neither JSON nor a file with JSON'
    : `there is no such file: ${resolve(text)}`
}

export const jsonOrFile = jsonOrFileWith('give what consentry keygen prints')

const nonEmpty = z.string().trim().min(1)

/** The controller of the recordings, as documents for authorities name it. */
export const operator = jsonOrFileWith('give {"name": "…", "address": "…"}, see docs/rights.md').pipe(
  z.strictObject({
    name: nonEmpty,
    address: nonEmpty,
    /** ИНН, or another number under which the operator is registered. */
    taxId: nonEmpty.optional(),
    email: nonEmpty.optional(),
    /** Name of the information system in the operator's register. */
    system: nonEmpty.optional(),
    /** The processor of the recordings on the operator's behalf, if any. */
    processor: z.strictObject({ name: nonEmpty, address: nonEmpty }).optional(),
    /** The signatory. */
    officer: z.strictObject({ name: nonEmpty, position: nonEmpty, contact: nonEmpty.optional() }).optional(),
  }),
)

/** 32 bytes of an X25519 key. */
const keyBytes = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 32) return new Uint8Array(bytes)
  context.addIssue('must be 32 bytes in base64')
  return z.NEVER
})

const name = z.string().min(1).regex(WRITABLE_TEXT, 'must not hold control characters')
const keyName = { purpose: name, keyId: name }

export const recipients = z
  .unknown()
  .refine(list => !hasSecretHalf(list), SWAPPED_FILE_MESSAGES.identity)
  .pipe(z.array(z.object({ ...keyName, publicKey: keyBytes })))

export const identities = z
  .unknown()
  .refine(list => !isPublicOnly(list), SWAPPED_FILE_MESSAGES.recipients)
  .pipe(z.array(z.object({ ...keyName, publicKey: keyBytes, secretKey: keyBytes })))

/** The given identities as JSON, with keys in base64. */
export const identityJson = (list: z.infer<typeof identities>): string =>
  JSON.stringify(list, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
