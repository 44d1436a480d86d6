/*
 * The service socket: the Unix socket on which the service accepts requests of the console and the command that only
 * the service can carry out. A connection carries one request and one answer, each a line of JSON. Both sides check the
 * socket's folder.
 */

import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { ActorWay } from '../core/actor.js'
import { AppError, type ErrorCode } from '../core/errors.js'
import { type DraftId, isUuid, type TrialId } from '../core/ids.js'
import { type Message, text } from '../core/message.js'
import type { PbxFacts } from '../core/pbx-facts.js'
import type { ServiceReport, TapProbe } from '../core/service-report.js'

/** Path of the service socket, in the run folder of the data folder. @param data absolute path of the data folder */
export const serviceSocket = (data: string): string => join(data, 'run', 'service.sock')

/** Longest line, characters. A request has some 400; an answer that lists the faults of a draft has a few thousand. */
export const MAX_LINE = 16_384

/** Rings a phone that plays a draft. */
export interface RingRequest {
  do: 'ring'
  draft: DraftId
  revision: number
  endpoint: string
  /** The requester, for the journal. */
  by: string
  way: ActorWay
}

/** Adds the public half of the first key pair of purposes. */
export interface AddRecipientsRequest {
  do: 'add-recipients'
  purposes: string[]
  /** X25519, base64. */
  publicKey: string
  by: string
  way: ActorWay
}

/** Rings a phone on which a person records a prompt. */
export interface RecordRequest {
  do: 'record'
  name: string
  language: string
  endpoint: string
  /** The words to record; by default those of the version `of`. */
  template?: string
  of?: number
  /** A line whose values the variables get. */
  line?: string
  by: string
  way: ActorWay
}

/** Asks for the service's facts about the PBX. */
export interface InspectPbxRequest {
  do: 'inspect-pbx'
}

/** Asks for the service's report. */
export interface ReportRequest {
  do: 'report'
}

/** Has the PBX write a tone into pipes of the service, as it writes a call. */
export interface ProbeTapRequest {
  do: 'probe-tap'
}

/** Has the caller of a call asked in the middle of the conversation. */
export interface AskRequest {
  do: 'ask'
  /** The id of the call. */
  call: string
}

/** The requests to the service. */
export type ServiceRequest =
  | RingRequest
  | RecordRequest
  | AddRecipientsRequest
  | InspectPbxRequest
  | ReportRequest
  | ProbeTapRequest
  | AskRequest

/** The result of each request. */
export interface ServiceResults {
  ring: { trial: TrialId }
  /** Ids of the new recipients. */
  'add-recipients': { keys: string[] }
  'inspect-pbx': PbxFacts
  record: { trial: TrialId }
  report: ServiceReport
  'probe-tap': TapProbe
  ask: { call: string }
}

/** An answer: the result, or an `AppError`. */
export type ServiceAnswer =
  | { result: ServiceResults[ServiceRequest['do']] }
  | { error: { code: ErrorCode; message: Message } }

/** Splits a stream into its first line. */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8')
  #text = ''

  /** @returns the first line, once it is complete @throws AppError `request.invalid` if it is too long */
  push(chunk: Buffer): string | undefined {
    this.#text += this.#decoder.write(chunk)
    const end = this.#text.indexOf('\n')
    if ((end < 0 ? this.#text.length : end) > MAX_LINE) throw malformed('the line is too long')
    return end < 0 ? undefined : this.#text.slice(0, end)
  }
}

const WAYS: readonly ActorWay[] = ['command', 'token', 'console']
/** Longest name of an actor and of an endpoint, characters. */
const MAX_TEXT = 200
/** Longest words of a prompt, characters. The deed allows fewer. */
const MAX_TEMPLATE = 2_000
/** Most purposes of one request. */
const MAX_PURPOSES = 32

/** Reads a request. @throws AppError `request.invalid` */
export function readRequest(line: string): ServiceRequest {
  const sent = parse(line)
  switch (sent['do']) {
    case 'ring':
      return readRing(sent)
    case 'record':
      return readRecord(sent)
    case 'add-recipients':
      return readAddRecipients(sent)
    case 'inspect-pbx':
      return { do: 'inspect-pbx' }
    case 'ask':
      return readAsk(sent)
    case 'report':
    case 'probe-tap':
      return { do: sent['do'] }
    default:
      throw malformed('there is no such request')
  }
}

function readRing(sent: Record<string, unknown>): RingRequest {
  const { draft, revision, endpoint } = sent
  if (typeof draft !== 'string' || !isUuid(draft)) throw malformed('draft is no id')
  if (!Number.isSafeInteger(revision) || (revision as number) < 1) throw malformed('revision is no count')
  if (!isText(endpoint)) throw malformed('endpoint is no text')
  return { do: 'ring', draft: draft as DraftId, revision: revision as number, endpoint, ...readActor(sent) }
}

function readAsk({ call }: Record<string, unknown>): AskRequest {
  if (typeof call !== 'string' || !isUuid(call)) throw malformed('call is no id')
  return { do: 'ask', call }
}

function readAddRecipients(sent: Record<string, unknown>): AddRecipientsRequest {
  const { purposes, publicKey } = sent
  const list = Array.isArray(purposes) && purposes.length <= MAX_PURPOSES ? purposes : []
  if (list.length === 0 || !list.every(isText)) throw malformed('purposes are no list of words')
  if (!isText(publicKey)) throw malformed('publicKey is no text')
  return { do: 'add-recipients', purposes: list, publicKey, ...readActor(sent) }
}

function readActor({ by, way }: Record<string, unknown>): { by: string; way: ActorWay } {
  if (!isText(by)) throw malformed('by is no text')
  const known = WAYS.find(one => one === way)
  if (!known) throw malformed('there is no such way')
  return { by, way: known }
}

function readRecord(sent: Record<string, unknown>): RecordRequest {
  const { name, language, endpoint, template, of, line } = sent
  if (!isText(name) || !isText(language) || !isText(endpoint))
    throw malformed('name, language and endpoint are texts')
  if (template !== undefined && (typeof template !== 'string' || template.length > MAX_TEMPLATE))
    throw malformed('template is no text')
  if (of !== undefined && (!Number.isSafeInteger(of) || (of as number) < 1))
    throw malformed('of is no version')
  if (line !== undefined && !isText(line)) throw malformed('line is no text')
  return {
    ...{ do: 'record', name, language, endpoint, ...readActor(sent) },
    ...(template !== undefined && { template }),
    ...(of !== undefined && { of: of as number }),
    ...(line !== undefined && { line }),
  }
}

/**
 * Reads an answer.
 *
 * @returns the result
 * @throws AppError with the code and message of the service; `service.unavailable` for a malformed answer
 */
export function readAnswer<Name extends ServiceRequest['do']>(line: string): ServiceResults[Name] {
  const { result, error } = parse(line) as { result?: ServiceResults[Name]; error?: unknown }
  if (error === undefined && typeof result === 'object' && result !== null) return result
  const { code, message } = (error ?? {}) as { code?: unknown; message?: Partial<Message> }
  if (typeof code === 'string' && typeof message?.template === 'string' && Array.isArray(message.values))
    throw new AppError(code as ErrorCode, message as Message)
  throw new AppError('service.unavailable', 'The service gave no answer that this version understands.')
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // It is refused below.
  }
  throw malformed('it is no JSON object')
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_TEXT

const malformed = (what: string): AppError =>
  new AppError('request.invalid', text`The request to the service is malformed: ${what}.`)
