import { once } from 'node:events'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { LOOPBACK, labPort } from '../../../lab/ports.js'
import { pollUntil, type StartedProcess, startProcess } from '../../../lab/process/start-process.js'

/** How long a program may take to start, ms. */
const START_LIMIT_MS = 60_000
/** How long Prometheus waits between two scrapes, and between two evaluations of the rules. */
const ROUND = '1s'

/** One series of an answer of Prometheus, with its latest value. */
export interface Sample {
  metric: Record<string, string>
  value: number
}

/** A Prometheus and an Alertmanager that watch services, and what they have reported. */
export interface Monitoring {
  /** Addresses, `host:port`, that Prometheus scrapes from now on as the job `consentry`. */
  watch(targets: readonly string[]): Promise<void>
  /** Evaluates an expression now. @throws Error with the answer of Prometheus, if it refuses the expression */
  query(expression: string): Promise<Sample[]>
  /** Alerts for which the last message was that they fire, as `name instance`; without an instance, the name. */
  readonly firing: ReadonlySet<string>
  /** Alerts that have fired and then ended, in the same form. */
  readonly ended: ReadonlySet<string>
  stop(): Promise<void>
}

/**
 * Starts Prometheus, Alertmanager and the receiver of its messages, all on loopback.
 *
 * @param tree the unpacked tool set
 * @param dir an empty folder for their files
 * @param rules path of the rules
 */
export async function startMonitoring(tree: string, dir: string, rules: string): Promise<Monitoring> {
  const [firing, ended] = [new Set<string>(), new Set<string>()]
  const receiver = createServer(async (request, response) => {
    const message = JSON.parse(await text(request)) as { alerts: ReceivedAlert[] }
    for (const { status, labels } of message.alerts) {
      const name = [labels['alertname'], labels['instance']].filter(Boolean).join(' ')
      if (status === 'firing') firing.add(name)
      else if (firing.delete(name)) ended.add(name)
    }
    response.end()
  }).listen(0, LOOPBACK)
  await once(receiver, 'listening')
  const { port: webhook } = receiver.address() as AddressInfo

  const [alertmanager, prometheus] = [await labPort('tcp'), await labPort('tcp')]
  const targets = join(dir, 'targets.json')
  await mkdir(dir, { recursive: true })
  await writeFile(targets, '[]')
  // JSON is YAML.
  await writeFile(join(dir, 'alertmanager.yml'), JSON.stringify(alertmanagerConfig(webhook)))
  await writeFile(
    join(dir, 'prometheus.yml'),
    JSON.stringify(prometheusConfig({ rules, targets, alertmanager })),
  )
  const programs = [
    startProcess([
      ...withTemplates(tree),
      join(tree, 'bin', 'prometheus-alertmanager'),
      `--config.file=${join(dir, 'alertmanager.yml')}`,
      `--storage.path=${join(dir, 'alertmanager')}`,
      `--web.listen-address=${LOOPBACK}:${alertmanager}`,
      '--cluster.listen-address=',
    ]),
    startProcess([
      join(tree, 'bin', 'prometheus'),
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'prometheus')}`,
      `--web.listen-address=${LOOPBACK}:${prometheus}`,
    ]),
  ]
  const stop = async () => {
    await Promise.all(programs.map(program => program.end(['SIGTERM', 'SIGKILL'], 10_000)))
    receiver.closeAllConnections()
    receiver.close()
  }
  const url = `http://${LOOPBACK}:${prometheus}`
  await waitUntilReady([`http://${LOOPBACK}:${alertmanager}`, url], programs).catch(async error => {
    await stop()
    throw error
  })
  return {
    firing,
    ended,
    stop,
    async watch(addresses) {
      // Renamed, so that Prometheus never reads half a file.
      await writeFile(`${targets}.new`, JSON.stringify([{ targets: addresses }]))
      await rename(`${targets}.new`, targets)
    },
    async query(expression) {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
      const body = (await answer.json()) as QueryAnswer
      if (body.status !== 'success') throw new Error(`${expression}: ${body.error}`)
      return body.data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }))
    },
  }
}

/**
 * Command prefix for Debian's Alertmanager, which reads its templates from below /usr/share only. It gets a mount namespace in which
 * they are there.
 */
const withTemplates = (tree: string): string[] => [
  ...['unshare', '--map-root-user', '--mount', 'sh', '-c', PLACE_TEMPLATES],
  join(tree, 'usr/share/prometheus/alertmanager'),
]
/** A change of namespace forgets that the program shall end with its parent. */
const PLACE_TEMPLATES = `
  mount -t tmpfs none /usr/share && mkdir /usr/share/prometheus &&
  cp -R "$0" /usr/share/prometheus/ && exec setpriv --pdeathsig KILL -- "$@"`

interface ReceivedAlert {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
}

interface QueryAnswer {
  status: string
  error?: string
  data: { result: { metric: Record<string, string>; value: [number, string] }[] }
}

/** Sends each change at once, also that an alert has ended. */
const alertmanagerConfig = (webhook: number) => ({
  route: {
    receiver: 'test',
    group_by: ['...'],
    group_wait: '0s',
    group_interval: ROUND,
    repeat_interval: '1h',
  },
  receivers: [
    { name: 'test', webhook_configs: [{ url: `http://${LOOPBACK}:${webhook}/`, send_resolved: true }] },
  ],
})

const prometheusConfig = (at: { rules: string; targets: string; alertmanager: number }) => ({
  global: { scrape_interval: ROUND, evaluation_interval: ROUND },
  rule_files: [at.rules],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [`${LOOPBACK}:${at.alertmanager}`] }] }] },
  scrape_configs: [
    { job_name: 'consentry', file_sd_configs: [{ files: [at.targets], refresh_interval: ROUND }] },
  ],
})

async function waitUntilReady(urls: string[], programs: StartedProcess[]): Promise<void> {
  for (const [i, url] of urls.entries()) {
    const isReady = () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    if (await pollUntil(isReady, START_LIMIT_MS, () => programs[i]!.hasEnded())) continue
    throw new Error(`${url} is not ready:\n${programs[i]!.output()}`)
  }
}
