import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../core/errors.js'
import type { TapProbe } from '../../core/service-report.js'
import { PipePair } from '../../keeper/pipe-pair.js'
import { TapFolder } from '../../keeper/tap-folder.js'
import type { Tap, TapListener } from './tap.js'

/**
 * Longest time until Asterisk has closed the pipes after the end of the channels or an order to stop, ms. It usually
 * takes 10 ms, and longer on a busy machine.
 */
const CLOSE_MS = 5_000
/** Interval of the checks whether Asterisk has closed the pipes, ms. */
const LOOK_MS = 20
/** Most bytes held of a leg. A probe writes one second, 8,000 bytes. */
const HELD_BYTES = 256 * 1024

/** Lets Asterisk write into the pipes with a prefix. @returns whether the dialplan started */
export type LetWrite = (prefix: string) => Promise<boolean>

/**
 * Probes the tap folder with pipes of the keeper, as a call uses them.
 *
 * @param open opens a tap
 * @throws AppError `tap.unavailable`; errors of `write`
 */
export async function probeByKeeper(
  open: (listener: TapListener) => Promise<Tap>,
  write: LetWrite,
): Promise<TapProbe> {
  const bytes = { caller: 0, agent: 0 }
  const ended = new Set<string>()
  let tap: Tap | undefined
  tap = await open({
    block({ leg, sample, bytes: { length } }) {
      bytes[leg] += length
      tap?.acknowledge(leg, sample + length)
    },
    end: leg => void ended.add(leg),
    gap() {},
    filling() {},
    interrupted() {},
  })
  const started = await write(tap.reference).finally(() => tap.end())
  await waitFor(() => ended.size === 2)
  return { started, bytes: [bytes.caller, bytes.agent] }
}

/**
 * Probes the tap folder with its own pipes, on a machine where no service runs. It makes a missing folder, as the
 * keeper does.
 *
 * @throws AppError `tap.unavailable`, whose message includes the remedy; errors of `write`
 */
export async function probeByOwnPipes(tapDir: string, write: LetWrite): Promise<TapProbe> {
  const folder = new TapFolder(tapDir)
  const [prefix] = await folder.makePairs(1).catch((cause: Error) => {
    throw new AppError('tap.unavailable', cause.message, { cause })
  })
  const pair = new PipePair(0, prefix!, HELD_BYTES)
  try {
    pair.start('', { base: 0 }, HELD_BYTES, { available() {} })
    const started = await write(prefix!)
    pair.expectEnd()
    await waitFor(() => pair.ended)
    return { started, bytes: [pair.legs[0].end, pair.legs[1].end] }
  } finally {
    pair.close()
    await folder.remove([prefix!])
  }
}

/** Waits until a condition holds, for `CLOSE_MS` at most. */
export async function waitFor(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < CLOSE_MS && !holds(); waited += LOOK_MS) await pause(LOOK_MS)
}
