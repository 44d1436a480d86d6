import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** @returns the UDP ports that a process has open, from `/proc` */
export function udpPorts(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return [] // It was closed during the search.
      }
    }),
  )
  return readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => inodes.has(fields[9] ?? ''))
    .map(([, local]) => Number.parseInt(local!.split(':')[1]!, 16))
}
