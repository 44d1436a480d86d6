import type { AriEvent } from './model-pbx.js'
import type { Fate } from './sequences.js'

/**
 * A line from the PBX to the service that drops, repeats, delays or changes events.
 *
 * @param fates what happens to the events in turn, repeated from the beginning
 * @param deliver gets what arrives
 * @returns sends an event
 */
export function createEventLine(
  fates: readonly Fate[],
  deliver: (json: string) => void,
): (json: string) => void {
  let nth = 0
  let late: { due: number; json: string }[] = []
  return json => {
    const fate = fates[nth % fates.length]!
    nth += 1
    if (fate.do === 'late') late.push({ due: nth + fate.by, json })
    else if (fate.do === 'alter') deliver(alterField(json, fate.path, () => fate.to))
    else if (fate.do === 'shift') deliver(alterField(json, 'timestamp', at => shiftTime(at, fate.ms)))
    else if (fate.do !== 'drop') deliver(json)
    if (fate.do === 'twice') deliver(json)
    const due = late.filter(one => one.due <= nth)
    late = late.filter(one => one.due > nth)
    for (const one of due) deliver(one.json)
  }
}

const shiftTime = (at: unknown, ms: number) => {
  const time = typeof at === 'string' ? Date.parse(at) + ms : Number.NaN
  return Number.isNaN(new Date(time).getTime()) ? at : new Date(time).toISOString()
}

function alterField(json: string, path: string, to: (before: unknown) => unknown): string {
  const event = JSON.parse(json)
  const names = path.split('.')
  const last = names.pop()!
  const parent = names.reduce((at, name) => at?.[name], event)
  if (typeof parent === 'object' && parent !== null) parent[last] = to(parent[last])
  return JSON.stringify(event)
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** @returns every channel to which the service might assign an event */
export function channelsOf(event: AriEvent): string[] {
  const target = member(event['playback'], 'target_uri')
  const heardBy =
    typeof target === 'string' ? target.replace(/^channel:|-whisper-[0-9a-f]{8}$/g, '') : undefined
  return [...new Set([member(event['channel'], 'id'), heardBy])].filter(id => typeof id === 'string')
}
