import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { type Command, noWords, type Request, text, UsageError } from '../../src/commands/command.js'
import { interrupted } from '../../src/commands/interrupted.js'
import { AppError } from '../../src/core/errors.js'
import { type Lab, startLab } from '../lab.js'
import { openListeningPhone } from '../listening-phone.js'
import type { AsteriskVersion } from '../pbx.js'
import { pollUntil } from '../process/start-process.js'

/** Longest time until the address of the first run is printed, ms. The console already answers then. */
const PRINTING_LIMIT_MS = 10_000

export const command: Command = {
  summary: 'Runs PBX, database and service on this machine',
  details:
    'Prints one line of JSON when calls can be made, and ends with Ctrl-C. Its calls and keys are deleted then, unless --data says where they stay. It has people, a group, drafts and some calls, so that each page of the console has something to show; with --empty, nothing is set up: it is a first run, whose address it prints. It has a phone that the console may ring: it answers, and saves what it hears as WAV. --ring names further phones, as CONSENTRY_RING_ENDPOINTS does. --approval lets lines and groups need a second person.',
  usage: [
    '[--asterisk 22|16] [--sip-port N] [--http-port N] [--ari-port N] [--data DIR] [--empty] [--approval] [--ring ENDPOINTS]',
  ],
  example: 'lab --data /tmp/lab',
  options: {
    asterisk: { type: 'string' },
    'sip-port': { type: 'string' },
    'http-port': { type: 'string' },
    'ari-port': { type: 'string' },
    data: { type: 'string' },
    empty: { type: 'boolean' },
    approval: { type: 'boolean' },
    ring: { type: 'string' },
  },
  async run(request) {
    noWords(request)
    const asked = interrupted()
    const empty = request.options['empty'] === true
    const print = (line: string) => process.stderr.write(`consentry lab: ${line}\n`)
    const options = {
      data: text(request, 'data'),
      asterisk: number<AsteriskVersion>(request, 'asterisk', [22, 16]),
      sipPort: number(request, 'sip-port'),
      httpPort: number(request, 'http-port'),
      ariPort: number(request, 'ari-port'),
      console: true,
      ...{ seeded: !empty, bare: empty },
      voices: true,
      progress: print,
    }
    let folder = tmpdir()
    const phone = await openListeningPhone(() => folder, print)
    const settings = settingsOf(request, phone.endpoint)
    const lab = await startLab({ ...options, settings }).catch(error => {
      phone.close()
      throw error
    })
    folder = dirname(lab.ready.env)
    process.stdout.write(`${JSON.stringify(lab.ready)}\n`)
    if (empty) print(`to set it up, open ${await firstAddress(lab)}`)
    print(`to list its calls in another shell: (set -a; . ${lab.ready.env}; npx consentry calls)`)
    await asked
    print('stopping')
    await lab.stop()
    phone.close()
    return 0
  },
}

/** The address of the first run, as the console prints it. @throws AppError `tool.failed` */
async function firstAddress({ service }: Lab): Promise<string> {
  const printed = async () => /http\S+\/setup#\S+/.exec(await service.log())?.[0]
  await pollUntil(async () => (await printed()) !== undefined, PRINTING_LIMIT_MS)
  const address = await printed()
  if (address) return address
  throw new AppError('tool.failed', 'the console prints no address: see the log of the service')
}

/** What the lab may do, from an option or from the service's variable for it. @param phone the lab's own */
function settingsOf(request: Request, phone: string): Record<string, string> {
  const further = text(request, 'ring') ?? process.env['CONSENTRY_RING_ENDPOINTS']
  const approval = request.options['approval'] ? 'required' : process.env['CONSENTRY_LINE_APPROVAL']
  return {
    CONSENTRY_RING_ENDPOINTS: [`${phone}=Lab`, further].filter(Boolean).join(', '),
    ...(approval && { CONSENTRY_LINE_APPROVAL: approval }),
  }
}

/** @throws UsageError if the value is not a port, or not one of `allowed` */
function number<V extends number>(request: Request, option: string, allowed?: V[]): V | undefined {
  const given = text(request, option)
  if (given === undefined) return undefined
  const value = Number(given) as V
  const fits = allowed ? allowed.includes(value) : Number.isInteger(value) && value > 0 && value < 65_536
  if (!fits) throw new UsageError(`--${option} must be ${allowed?.join(' or ') ?? 'a port'}`)
  return value
}
