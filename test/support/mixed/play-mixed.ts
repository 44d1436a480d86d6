import type { Lab } from '../../../lab/lab.js'
import { Desk } from './desk.js'
import { SCENES } from './scenes.js'

export interface MixedOptions {
  /** At least so many calls are placed. */
  calls: number
  /** Calls at the same time, 20 at most. */
  atOnce: number
  /** Called after each scene, and awaited. @param placed how many calls were placed until then */
  onScene?(placed: number): Promise<void>
}

/** What was played. */
export interface Mixed {
  placed: number
  /** What went wrong in scenes that were not played to their end. */
  failed: string[]
}

/** Places mixed calls: all scenes in turn, until there are enough. */
export async function playMixed(lab: Lab, { calls, atOnce, onScene }: MixedOptions): Promise<Mixed> {
  const desks = await Promise.all(Array.from({ length: atOnce }, (_, i) => Desk.open(lab.pbx, i + 1)))
  const scenes = Object.entries(SCENES)
  const failed: string[] = []
  let turn = 0
  const placed = () => desks.reduce((sum, desk) => sum + desk.placed, 0)
  const work = async (desk: Desk) => {
    while (placed() < calls) {
      const [name, play] = scenes[turn++ % scenes.length]!
      try {
        await play(desk)
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message}`)
        await desk.restart()
      }
      await onScene?.(placed())
    }
  }
  try {
    await Promise.all(desks.map(work))
    return { placed: placed(), failed }
  } finally {
    for (const desk of desks) desk.close()
  }
}
