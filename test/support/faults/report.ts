import pc from 'picocolors'
import { table } from '../../../src/commands/table.js'
import { timelineText } from '../../../src/commands/timeline-text.js'
import type { PlayedBatch } from './batch.js'
import type { CallerRecord } from './callers/caller-record.js'
import type { Verdict } from './judge/judge.js'
import { type Column, columns, type JudgedCall, type Violation } from './judge/judged-call.js'
import { overlap } from './readiness.js'

type Counts = Record<Column, number>

/** Results of one kind of fault. */
export interface Row extends Counts {
  fault: string
  struck: number
  /** Calls during the fault. */
  calls: number
  /** How many of these were recorded. */
  recorded: number
  /** Longest time from the fault's end until everything worked again, ms. */
  slowestMs: number
  /** Longest silence of a caller that met the fault, ms. */
  silentMs: number
}

/** Results of a run. */
export interface Report {
  seed: number
  ok: boolean
  rows: Row[]
  /** Counts of all calls. `read`: numbered packets found in recordings. `silentMs`: the longest silence of a caller, ms. */
  calls: Counts & {
    placed: number
    granted: number
    recorded: number
    seconds: number
    unknown: number
    read: number
    silentMs: number
  }
  violations: { batch: number; caller?: string; column: Column; what: string }[]
}

const zero = (): Counts => Object.fromEntries(columns.map(column => [column, 0])) as Counts

/** Adds up the results of batches. */
export class Tally {
  readonly #rows = new Map<string, Row>()
  readonly #calls = {
    placed: 0,
    granted: 0,
    recorded: 0,
    seconds: 0,
    unknown: 0,
    read: 0,
    silentMs: 0,
    ...zero(),
  }
  readonly #violations: Report['violations'] = []

  constructor(private readonly seed: number) {}

  /** Adds a batch. @returns lines about its violations */
  add({ batch, struck }: PlayedBatch, { cases, others }: Verdict): string[] {
    const told: string[] = []
    for (const { fault, workedAfterMs } of struck) {
      const row = this.#row(fault.name)
      row.struck += 1
      row.slowestMs = Math.max(row.slowestMs, workedAfterMs)
    }
    const note = (violation: Violation, names: Set<string>, caller?: string) => {
      const { column, what } = violation
      this.#violations.push({ batch: batch.number, ...(caller ? { caller } : {}), column, what })
      this.#calls[column] += 1
      for (const name of names) this.#row(name)[column] += 1
      told.push(`${pc.red(`${column}: ${what}`)} (seed ${this.seed}, batch ${batch.number})`)
    }
    for (const { judged, violations } of cases) {
      const names = new Set(judged.struck.map(({ fault }) => fault.name))
      this.#count(judged.calls, names)
      this.#noteSilences(judged)
      for (const { packets } of judged.recordings)
        this.#calls.read += (packets?.caller.length ?? 0) + (packets?.agent.length ?? 0)
      for (const violation of violations) note(violation, names, judged.record.from)
      if (violations.length > 0)
        told.push(...describeCall(judged.record, judged.struck), ...judged.calls.map(timelineText))
    }
    const all = new Set(struck.map(({ fault }) => fault.name))
    for (const violation of others) note(violation, all)
    return told
  }

  /** Adds violations that belong to no batch. */
  addAtEnd(violations: Violation[]): void {
    for (const { column, what } of violations) {
      this.#violations.push({ batch: 0, column, what })
      this.#calls[column] += 1
    }
  }

  get report(): Report {
    const rows = [...this.#rows.values()].sort((a, b) => a.fault.localeCompare(b.fault))
    const ok = this.#violations.length === 0
    return { seed: this.seed, ok, rows, calls: this.#calls, violations: this.#violations }
  }

  #count(calls: Verdict['cases'][number]['judged']['calls'], names: Set<string>): void {
    const [call] = calls
    this.#calls.placed += 1
    if (!call) this.#calls.unknown += 1
    if (call?.decision === 'granted') this.#calls.granted += 1
    const recorded = (call?.recordings.length ?? 0) > 0
    if (recorded) this.#calls.recorded += 1
    this.#calls.seconds += call?.recordings.reduce((sum, { seconds }) => sum + seconds, 0) ?? 0
    for (const name of names) {
      this.#row(name).calls += 1
      if (recorded) this.#row(name).recorded += 1
    }
  }

  #noteSilences({ record, struck }: JudgedCall): void {
    // A PBX that is killed leaves nobody in silence: it ends the calls.
    if (struck.some(({ fault }) => fault.endsCalls)) return
    this.#calls.silentMs = Math.max(this.#calls.silentMs, record.silentMs)
    for (const silence of record.silences)
      for (const one of struck.filter(one => overlap(one, silence))) {
        const row = this.#row(one.fault.name)
        row.silentMs = Math.max(row.silentMs, silence.to - silence.from)
      }
  }

  #row(fault: string): Row {
    const none = { struck: 0, calls: 0, recorded: 0, slowestMs: 0, silentMs: 0, ...zero() }
    const row = this.#rows.get(fault) ?? { fault, ...none }
    this.#rows.set(fault, row)
    return row
  }
}

/** @returns lines about a caller's record, and the faults during the call */
function describeCall(record: CallerRecord, struck: PlayedBatch['struck']): string[] {
  const dialledAt = record.dialledAt
  const after = (at: number | undefined) =>
    at === undefined ? 'never' : `${((at - dialledAt) / 1_000).toFixed(2)} s`
  return [
    `caller ${record.from} (${record.plan.kind}, line ${record.plan.line}), dialled ${new Date(dialledAt).toISOString()}`,
    `  answered ${after(record.answeredAt)}, agent ${after(record.agentAt)}, hung up ${after(record.hungUpAt)}, over ${after(record.caller.endedAt)}`,
    `  pressed ${record.presses.map(({ key, at }) => `${key} ${after(at)}`).join(', ') || 'nothing'}; withdrew ${after(record.withdrewAt)}`,
    ...struck.map(({ fault, from, to }) => `  ${after(from)} – ${after(to)}  ${fault.name}`),
  ]
}

/** The report for a terminal. */
export function reportText({ rows, calls, seed, ok, violations }: Report): string {
  const head = ['fault', 'struck', 'works after, s', 'silence, s', 'calls', 'recorded', ...columns]
  const seconds = (ms: number) => (ms / 1_000).toFixed(1)
  const cells = rows.map(row => [
    row.fault,
    ...[row.struck, seconds(row.slowestMs), seconds(row.silentMs), row.calls, row.recorded].map(String),
    ...columns.map(column => (row[column] === 0 ? '0' : pc.red(String(row[column])))),
  ])
  const struck = rows.reduce((sum, row) => sum + row.struck, 0)
  const counted = [calls.placed, calls.recorded, ...columns.map(column => calls[column])].map(String)
  const all = ['all', String(struck), '', seconds(calls.silentMs), ...counted]
  const verdict = ok ? pc.green('Nothing was lost.') : pc.red(`${violations.length} violations.`)
  return `${table(head, [...cells, all])}${verdict} Seed ${seed}; ${calls.granted} calls agreed, ${Math.round(calls.seconds)} s recorded and ${Math.round(calls.read / 50)} s of both sides read again word by word, ${calls.unknown} served by nobody.\n`
}
