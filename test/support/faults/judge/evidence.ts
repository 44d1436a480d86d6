import type { Leg } from '../../../../src/core/audio.js'
import { listCalls, readCall } from '../../../../src/journal/read/timeline.js'
import { withParts } from '../../../../src/recordings/open/find-parts.js'
import { readRecording } from '../../../../src/recordings/open/open-recording.js'
import type { PlayedBatch } from '../batch.js'
import { type CallerRecord, endedAt } from '../callers/caller-record.js'
import { findNumberedPackets } from '../callers/voice.js'
import type { FaultSite } from '../fault-site.js'
import { overlap, type Span } from '../readiness.js'
import { AFTERMATH_MS, type JudgedCall, type OpenedRecording } from './judged-call.js'

/** Gathers everything that is known about the calls of a batch. */
export async function gatherEvidence(
  site: FaultSite,
  { records, struck }: PlayedBatch,
): Promise<JudgedCall[]> {
  const cases: JudgedCall[] = []
  for (const record of records) {
    const during: Span = { from: record.dialledAt, to: endedAt(record) + AFTERMATH_MS }
    const own = struck.filter(one => overlap(one, during))
    const unreliable = [
      ...struck
        .filter(({ fault }) => !fault.harmless)
        .map(({ from, to }) => ({ from, to: to + AFTERMATH_MS })),
      ...site.readiness.spans.map(({ from, to }) => ({ from, to: to + AFTERMATH_MS })),
    ]
    const calls = await readTimelines(site, record)
    const recordings: OpenedRecording[] = []
    for (const { id, purpose, state } of calls.flatMap(call => call.recordings))
      recordings.push({ id, purpose, state, ...(await openRecording(site, id)) })
    cases.push({ record, calls, recordings, struck: own, unreliable })
  }
  return cases
}

/** @returns the timelines of a caller's calls */
export async function readTimelines({ db, store }: FaultSite, { from }: CallerRecord) {
  const locate = (name: string) => store.locate(name)
  const calls = await listCalls(db, locate, { caller: from })
  return Promise.all(calls.map(({ id }) => readCall(db, locate, id)))
}

/** Opens a recording with all identities and finds its numbered packets. */
async function openRecording(
  site: FaultSite,
  id: string,
): Promise<Pick<OpenedRecording, 'packets' | 'samples' | 'missing' | 'openError'>> {
  const none = { caller: 0, agent: 0 }
  try {
    const legs = await withParts(site, id, async parts => {
      const pieces: { leg: Leg; sample: number; samples: Int16Array }[] = []
      for await (const piece of readRecording(parts, site.identities)) pieces.push(piece)
      return { caller: joinPieces(pieces, 'caller'), agent: joinPieces(pieces, 'agent') }
    })
    return {
      packets: {
        caller: findNumberedPackets(legs.caller.samples, 'caller'),
        agent: findNumberedPackets(legs.agent.samples, 'agent'),
      },
      samples: { caller: legs.caller.samples.length, agent: legs.agent.samples.length },
      missing: { caller: legs.caller.missing, agent: legs.agent.missing },
    }
  } catch (error) {
    return { packets: undefined, openError: (error as Error).message, samples: none, missing: none }
  }
}

/** Joins the pieces of one leg. @returns its samples, and how many samples are in no piece */
function joinPieces(
  pieces: readonly { leg: Leg; sample: number; samples: Int16Array }[],
  leg: Leg,
): { samples: Int16Array; missing: number } {
  const own = pieces.filter(piece => piece.leg === leg)
  const length = own.reduce((end, { sample, samples }) => Math.max(end, sample + samples.length), 0)
  const samples = new Int16Array(length)
  const filled = new Uint8Array(length)
  for (const piece of own) {
    samples.set(piece.samples, piece.sample)
    filled.fill(1, piece.sample, piece.sample + piece.samples.length)
  }
  return { samples, missing: filled.reduce((sum, one) => sum + (one ? 0 : 1), 0) }
}
