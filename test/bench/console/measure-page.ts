import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { percentile } from '../support/statistics.js'
import type { Page } from './addresses.js'
import { type Got, get } from './get.js'
import type { Visitor } from './visitors.js'

/** Requests of a page that count, after some that warm up. */
const REQUESTS = 200
const WARM_UP = 20
/** Pages that strangers see, too: they are measured without a session. */
const FOR_STRANGERS = /^\/(sign-in|invitation|setup)$/

/** What a page takes. Undefined: it only leads to another. */
export interface Measured {
  p50: number
  p95: number
  p99: number
  /** Bytes of the page, and of the page with its style sheet and scripts, as they are sent. */
  page: number
  whole: number
}

/** Measures a page, one request after another. @throws Error if an answer is no page */
export async function measurePage(
  origin: string,
  { route, path }: Page,
  visitors: readonly Visitor[],
): Promise<Measured | undefined> {
  const times: number[] = []
  let last: Got | undefined
  for (let turn = 0; turn < WARM_UP + REQUESTS; turn += 1) {
    const stranger = FOR_STRANGERS.test(route)
    // The requests of strangers are limited by address, those of a session by session.
    const from = stranger ? `127.0.1.${1 + (turn % 200)}` : '127.0.0.1'
    last = await get(origin + path, stranger ? {} : visitors[turn % visitors.length]!, from)
    if (last.status === 303 && route === '/') return undefined
    if (last.status !== 200) throw new Error(`${path} answers ${last.status}`)
    if (turn >= WARM_UP) times.push(last.ms)
  }
  const assets = new Set(textOf(last!).match(/\/assets\/[\w.-]+\.(?:css|js)/g))
  let whole = last!.body.length
  for (const asset of assets) whole += (await get(origin + asset)).body.length
  return {
    ...{ p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99) },
    ...{ page: last!.body.length, whole },
  }
}

function textOf({ body, encoding }: Got): string {
  if (encoding === 'br') return brotliDecompressSync(body).toString()
  return (encoding === 'gzip' ? gunzipSync(body) : body).toString()
}
