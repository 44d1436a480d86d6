// Fake: a service and its troubles. The metrics and the text that a scraper gets are real.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LOOPBACK } from '../../../lab/ports.js'
import { event } from '../../../src/core/events.js'
import { newRecordingId } from '../../../src/core/ids.js'
import { createMetrics, type Metrics } from '../../../src/site/health/metrics.js'
import type { MonitoredParts } from '../../../src/site/health/monitored-parts.js'

/** A service that has all troubles at once, or none. */
export interface TroubledService {
  /** `host:port` */
  readonly address: string
  /** Whether it has all troubles from now on. */
  troubled: boolean
  /** What it says at `/metrics`. */
  text(): Promise<string>
  /** Closes its port. */
  stop(): void
  /** Opens its port again. */
  start(): Promise<void>
}

/** So many of each alarm stand. With fewer than three, silent legs are no trouble. */
const ALARMS_OF_A_KIND = 3

export async function startTroubledService(): Promise<TroubledService> {
  const journal = {
    available: true,
    refusing: false,
    databaseSilentMs: 20,
    counts: { committed: 5, refused: 0, dropped: 0 },
    get waiting() {
      return state.troubled ? 5_000 : 0
    },
  }
  const parts = {
    purposes: ['service'],
    journal,
    recorder: { keeperPid: 1, keeperHeldBytes: 0, taps: 1, signs: () => [undefined] },
    calls: {
      size: 1,
      inQuestion: 0,
      tapRefused: false,
      recordedByPbx: false,
      around: { spies: { fromOutside: false } },
    },
  } as unknown as MonitoredParts
  const metrics = createMetrics({
    monitored: () => parts,
    mostRecordings: () => 400,
    gateOpen: () => !state.troubled,
    parts: () => ({ pbx: !state.troubled }),
    alarms: () => (state.troubled ? ALARMS_OF_A_KIND : 0),
    lagMs: () => 5,
    clockOffMs: () => 0,
    files: () => ({ open: state.troubled ? 900 : 50, limit: 1_000 }),
  })
  const carrier = metrics.meterFor('PJSIP/carrier')
  let starts = 0

  /** What happens between two scrapes. */
  function happen(): void {
    carrier.took('return', 10)
    if (!state.troubled) return
    starts += 1
    journal.counts.refused += 1
    carrier.took('decision', 3_000)
    for (let callers = 0; callers < 5; callers++) carrier.reacted('nothing')
    noteTroubles(metrics)
  }

  async function text(): Promise<string> {
    happen()
    return (await metrics.text()).replace(
      /^(process_start_time_seconds) .*/m,
      (_, name: string) => `${name} ${starts}`,
    )
  }

  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', metrics.contentType)
    response.end(await text())
  })
  server.listen(0, LOOPBACK)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const state: TroubledService = {
    address: `${LOOPBACK}:${port}`,
    troubled: false,
    text,
    stop() {
      server.closeAllConnections()
      server.close()
    },
    async start() {
      server.listen(port, LOOPBACK)
      await once(server, 'listening')
    },
  }
  return state
}

/** Events of recordings that failed, broke off or had no audio, and of an alarm that began. */
function noteTroubles(metrics: Metrics): void {
  const recording = newRecordingId()
  const failed = { recording, purpose: 'service', reason: 'store.unwritable' }
  metrics.observe(event('recording.failed', null, 0, failed))
  metrics.observe(event('recording.finished', null, 0, { recording, state: 'truncated', seconds: 1 }))
  for (let calls = 0; calls < 2; calls++) metrics.observe(event('recording.empty', null, 0, { recording }))
  metrics.observe(event('alarm.raised', null, 0, { alarm: 'disk-low', detail: 'nearly full' }))
}
