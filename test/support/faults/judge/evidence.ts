import { listCalls, readCall } from '../../../../src/journal/read/timeline.js'
import { withParts } from '../../../../src/playback/find-parts.js'
import { readRecording } from '../../../../src/playback/open-recording.js'
import type { Leg } from '../../../../src/shared/audio.js'
import type { Played } from '../batch.js'
import { type Account, overAt } from '../callers/account.js'
import { readSpeech } from '../callers/voice.js'
import type { Ground } from '../fault-site.js'
import { overlap, type Span } from '../readiness.js'
import type { Case, Found } from './judged-call.js'

/** A fault is over, and still what was lost by it comes to light: calls that it left are looked for, ms. */
const AFTERMATH_MS = 2_000

/** Gathers all that is known of the calls of a batch. */
export async function gather(ground: Ground, { accounts, struck }: Played): Promise<Case[]> {
  const cases: Case[] = []
  for (const account of accounts) {
    const during: Span = { from: account.dialledAt, to: overAt(account) + AFTERMATH_MS }
    const own = struck.filter(one => overlap(one, during))
    const deaf = [
      ...struck
        .filter(({ fault }) => !fault.harmless)
        .map(({ from, to }) => ({ from, to: to + AFTERMATH_MS })),
      ...ground.readiness.spans.map(({ from, to }) => ({ from, to: to + AFTERMATH_MS })),
    ]
    const calls = await timelinesOf(ground, account)
    const recordings: Found[] = []
    for (const { id, purpose, state } of calls.flatMap(call => call.recordings))
      recordings.push({ id, purpose, state, ...(await listen(ground, id)) })
    cases.push({ account, calls, recordings, struck: own, deaf })
  }
  return cases
}

/** What the journal says of a caller's calls. */
export async function timelinesOf({ db, store }: Ground, { from }: Account) {
  const locate = (name: string) => store.locate(name)
  const calls = await listCalls(db, locate, { caller: from })
  return Promise.all(calls.map(({ id }) => readCall(db, locate, id)))
}

/** Opens a recording with all keys, and reads what was said. */
async function listen(
  ground: Ground,
  id: string,
): Promise<Pick<Found, 'said' | 'samples' | 'missing' | 'refused'>> {
  const none = { caller: 0, agent: 0 }
  try {
    const legs = await withParts(ground, id, async parts => {
      const pieces: { leg: Leg; sample: number; samples: Int16Array }[] = []
      for await (const piece of readRecording(parts, ground.identities)) pieces.push(piece)
      return { caller: lay(pieces, 'caller'), agent: lay(pieces, 'agent') }
    })
    return {
      said: {
        caller: readSpeech(legs.caller.samples, 'caller'),
        agent: readSpeech(legs.agent.samples, 'agent'),
      },
      samples: { caller: legs.caller.samples.length, agent: legs.agent.samples.length },
      missing: { caller: legs.caller.missing, agent: legs.agent.missing },
    }
  } catch (error) {
    return { said: undefined, refused: (error as Error).message, samples: none, missing: none }
  }
}

/** Puts the samples of one leg at their places. @returns them, and how many places nothing was put to */
function lay(
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
