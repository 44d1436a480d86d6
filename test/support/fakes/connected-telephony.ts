// Real: telephony, ari-client, HTTP and WebSocket. Fake: a PBX.
import type { ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { startTelephony } from '../../../src/asterisk/telephony.js'
import type { Arrival, ChannelFact } from '../../../src/call/ports.js'
import { Secret } from '../../../src/core/secret.js'
import { createLog } from '../../../src/lib/log.js'
import { until } from '../processes/database.js'
import { FakePbx, RESOURCES, SET_VARIABLE } from './fake-pbx.js'

/** A connected telephony, and all that it reported. */
export async function connected(t: Test) {
  const pbx = await FakePbx.start(t)
  const arrivals: Arrival[] = []
  const facts: [string, ChannelFact][] = []
  const connection: string[] = []
  /** For how long nothing had been heard at each loss, ms. */
  const unheard: number[] = []
  const starts: [boolean, string | undefined][] = []
  const beat = { variable: 'BEAT', id: 'one' }
  const settings = { url: pbx.url, username: 'u', password: new Secret('p'), app: 'consentry', beat }
  const sink = {
    arrived: (arrival: Arrival) => void arrivals.push(arrival),
    fact: (channel: string, fact: ChannelFact) => void facts.push([channel, fact]),
    connected: (restarted: boolean, started?: string) => {
      connection.push('connected')
      starts.push([restarted, started])
    },
    lost: (reason: string, unheardMs: number) => {
      connection.push(reason)
      unheard.push(unheardMs)
    },
    bridgesFollowed() {},
  }
  const telephony = startTelephony(settings, sink, createLog('silent'))
  t.teardown(() => telephony.stopTakingCalls())
  await until(() => connection.length === 1)
  return { pbx, telephony, arrivals, facts, connection, unheard, starts }
}

/**
 * Gives a PBX the operations for bridges and recordings. `asked`: what it is asked for, without beats. `owed`: what it does not answer of what
 * it `owes`. `stored`: its recordings
 */
export function describeBridges(pbx: FakePbx) {
  const resources = ['asterisk', 'applications', 'bridges', 'channels', 'recordings'].map(name => ({
    ...{ path: `/api-docs/${name}.{format}`, description: '' },
  }))
  const recording = { name: 'recordingName', paramType: 'query', dataType: 'string' }
  const named = (nickname: string) => (nickname === 'deleteStored' ? [recording] : [])
  const operations = ['filter', 'subscribe', 'list', 'listStored', 'deleteStored', 'getInfo'].map(
    nickname => ({
      ...{ path: `/${nickname}`, description: '' },
      operations: [{ httpMethod: 'POST', nickname, responseClass: 'void', parameters: named(nickname) }],
    }),
  )
  const state = { asked: [] as string[], owes: '', owed: [] as ServerResponse[], stored: [] as string[] }
  pbx.requestHandler = ({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json')
    if (url.includes('resources')) return response.end(JSON.stringify({ ...RESOURCES, apis: resources }))
    if (url.includes('api-docs'))
      return response.end(JSON.stringify({ ...RESOURCES, apis: [SET_VARIABLE, ...operations] }))
    if (url.includes('variable')) return response.end('{}')
    state.asked.push(url.replace('/ari/', ''))
    if (state.asked.at(-1)?.split('?')[0] === state.owes) return void state.owed.push(response)
    const stored = state.asked.at(-1) === 'listStored' ? state.stored : []
    response.end(JSON.stringify(stored.map(name => ({ name }))))
  }
  return state
}
