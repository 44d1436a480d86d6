import { readFile, stat } from 'node:fs/promises'
import pc from 'picocolors'
import { AppError } from '../core/errors.js'
import { english } from '../core/message.js'
import { writeOutput } from '../lib/files/output-file.js'
import { removeSettings } from '../lib/process/child-env.js'
import {
  listPrompts,
  type PromptVersion,
  promptVersions,
  wherePrompt,
} from '../lines/prompts/find-prompts.js'
import { hearPrompt } from '../lines/prompts/hear-prompt.js'
import {
  addPrompt,
  MAX_UPLOAD_BYTES,
  type MadePrompt,
  promptVoices,
  sayPrompt,
  type WordsRequest,
  type WordValues,
} from '../lines/prompts/make-prompts.js'
import { proposePrompt } from '../lines/prompts/propose-prompt.js'
import {
  type ChangedPrompt,
  discardPrompt,
  publishPrompt,
  withdrawPrompt,
} from '../lines/prompts/publish-prompts.js'
import { recordPrompt } from '../lines/prompts/record-prompt.js'
import { actor, byOption } from './actor.js'
import { type Command, print, printWritten, type Request, text, texts, UsageError } from './command.js'
import { nested } from './nested.js'
import { languageOf, proposalOptions, proposalVerbs } from './prompt/proposal-verbs.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

/** The options of a prompt's words. */
const wordOptions = {
  lang: { type: 'string' },
  text: { type: 'string' },
  of: { type: 'string' },
  like: { type: 'string' },
  line: { type: 'string' },
  company: { type: 'string' },
  days: { type: 'string' },
  term: { type: 'string', multiple: true },
  yes: { type: 'string' },
  no: { type: 'string' },
  withdraw: { type: 'string' },
  key: { type: 'string' },
} as const

const WORD_USAGE =
  '[--text WORDS] [--line NUMBER] [--company NAME] [--days N] [--term PURPOSE=N…] [--yes KEY] [--no KEY] [--withdraw KEYS] [--key KEY] [--of VERSION] [--like NAME]'

/** A whole number that an option gives. Undefined if it was not given. @throws UsageError */
function wholeNumber(request: Request, name: string): number | undefined {
  const given = text(request, name)
  if (given === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw new UsageError(`--${name} is a whole number from 1`)
}

/** The words of a new version, as the options give them. @throws UsageError */
function wordsOf(request: Request, name: string): WordsRequest {
  const [template, line, of] = [text(request, 'text'), text(request, 'line'), wholeNumber(request, 'of')]
  const like = text(request, 'like')
  return {
    ...{ name, language: languageOf(request), values: valuesOf(request) },
    ...(template !== undefined && { template }),
    ...(line !== undefined && { line }),
    ...(of !== undefined && { of }),
    ...(like !== undefined && { like }),
  }
}

const KEYS = { yes: /^[0-9*#]$/, no: /^[0-9*#]$/, withdraw: /^[0-9*#]{1,4}$/, key: /^[0-9]$/ }

function valuesOf(request: Request): WordValues {
  const [company, days] = [text(request, 'company'), wholeNumber(request, 'days')]
  const values: WordValues = {
    ...(company !== undefined && { company }),
    ...(days !== undefined && { days }),
  }
  for (const name of ['yes', 'no', 'withdraw', 'key'] as const) {
    const keys = text(request, name)
    if (keys === undefined) continue
    if (!KEYS[name].test(keys)) throw new UsageError(`--${name} takes keys of the telephone, such as 1 or *9`)
    values[name] = keys
  }
  const terms = texts(request, 'term').map(term => {
    const [, purpose, days] = /^([a-z0-9-]+)=([1-9]\d{0,3})$/.exec(term) ?? []
    if (purpose) return [purpose, Number(days)]
    throw new UsageError('--term is PURPOSE=DAYS, such as marketing=14')
  })
  return terms.length > 0 ? { ...values, terms: Object.fromEntries(terms) } : values
}

/** Reads a recording. @throws AppError `request.invalid` */
export async function readSound(file: string): Promise<Buffer> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw new AppError('request.invalid', `There is no file ${file}.`)
  if (found.size > MAX_UPLOAD_BYTES)
    throw new AppError(
      'request.invalid',
      `${file} has more than ${MAX_UPLOAD_BYTES / 1_048_576} MB: shorten it, or save it as FLAC.`,
    )
  return readFile(file)
}

export const command: Command = {
  summary: 'Makes prompts while the service runs, and puts them into force',
  details:
    'A new version is a draft until it is published. Its words have variables, such as {company}, {days}, {yes}, {no} and {withdraw}: docs/lines.md, Prompts. Running calls keep the prompts with which they began.',
  example: 'prompt say disclosure-key --lang en --line 100 --company "Acme Ltd"',
  options: {
    ...wordOptions,
    engine: { type: 'string' },
    voice: { type: 'string' },
    file: { type: 'string' },
    ring: { type: 'string' },
    version: { type: 'string' },
    telephone: { type: 'boolean' },
    out: { type: 'string', short: 'o' },
    propose: { type: 'boolean' },
    'without-approval': { type: 'boolean' },
    ...proposalOptions,
    ...byOption,
  },
  ...nested({
    list: { does: 'Lists the prompts', usage: '', run: list },
    versions: { does: 'Lists the versions of a prompt', usage: 'NAME --lang LANGUAGE', run: versions },
    voices: { does: 'Lists the voices that can speak prompts', usage: '', run: voices },
    say: {
      does: 'Has a voice speak a new version. --line: with keys and terms of that line, draft, or number that has only a draft. --like: with the words of that prompt',
      usage: `NAME --lang LANGUAGE ${WORD_USAGE} [--engine NAME] [--voice NAME] [--by NAME]`,
      run: say,
    },
    add: {
      does: 'Makes a new version from a recording (WAV, MP3, OGG, M4A, FLAC)',
      usage: `NAME --lang LANGUAGE --file SOUND ${WORD_USAGE} [--by NAME]`,
      run: add,
    },
    record: {
      does: 'Rings a phone, whose person speaks a new version',
      usage: 'NAME --lang LANGUAGE --ring ENDPOINT [--text WORDS] [--of VERSION] [--by NAME]',
      run: record,
    },
    publish: {
      does: 'Puts a version into force for calls that begin later: a draft, or an earlier one again. --propose: once a second person approves it',
      usage: 'NAME --lang LANGUAGE --version N [--propose | --without-approval] [--by NAME]',
      run: publish,
    },
    withdraw: {
      does: 'Takes a version out of force. --propose: once a second person approves it',
      usage: 'NAME --lang LANGUAGE --version N [--propose | --without-approval] [--by NAME]',
      run: withdraw,
    },
    discard: {
      does: 'Discards a draft',
      usage: 'NAME --lang LANGUAGE --version N [--by NAME]',
      run: discard,
    },
    ...proposalVerbs,
    where: {
      does: 'Shows which lines use a prompt, and the last call that heard it',
      usage: 'NAME --lang LANGUAGE',
      run: where,
    },
    hear: {
      does: 'Writes the sound as WAV. --telephone: as over a telephone',
      usage: 'NAME --lang LANGUAGE [--version N] [--telephone] [-o FILE.wav]',
      run: hear,
    },
  }),
}

const keyOf = (request: Request, name: string) => ({ name, language: languageOf(request) })

async function list(request: Request): Promise<number> {
  const found = await withProject(listPrompts)
  return print(request, found, table(HEAD, found.map(row)))
}

async function versions(request: Request, name: string): Promise<number> {
  const found = await withProject(project => promptVersions(project, keyOf(request, name)))
  return print(request, found, table(HEAD, found.map(row)))
}

const HEAD = ['prompt', 'language', 'version', 'state', 'seconds', 'words']

const row = ({ name, language, version, state, inForce, lengthMs, text }: PromptVersion): string[] => [
  inForce ? pc.bold(name) : name,
  language,
  String(version),
  inForce ? `${state}, in force` : state,
  (lengthMs / 1000).toFixed(1),
  text,
]

async function voices(request: Request): Promise<number> {
  const found = await withProject(promptVoices)
  return print(
    request,
    found,
    table(
      ['language', 'engine', 'voice'],
      found.map(({ language, engine, voice }) => [language, engine, voice]),
      'No voices yet: install rhvoice-russian, festival, flite or espeak-ng.',
    ),
  )
}

async function say(request: Request, name: string): Promise<number> {
  const [by, words] = [actor(request), wordsOf(request, name)]
  const [engine, voice] = [text(request, 'engine'), text(request, 'voice')]
  const wanted = { ...words, ...(engine !== undefined && { engine }), ...(voice !== undefined && { voice }) }
  return reportMade(
    request,
    await withProject(project => {
      removeSettings()
      return sayPrompt(project, by, wanted)
    }),
  )
}

async function add(request: Request, name: string): Promise<number> {
  const file = text(request, 'file')
  if (!file) throw new UsageError('say which recording: --file SOUND')
  const [by, words, sound] = [actor(request), wordsOf(request, name), await readSound(file)]
  return reportMade(
    request,
    await withProject(project => {
      removeSettings()
      return addPrompt(project, by, { ...words, sound, how: 'upload' })
    }),
  )
}

async function record(request: Request, name: string): Promise<number> {
  const endpoint = text(request, 'ring')
  if (!endpoint) throw new UsageError('say which phone: --ring ENDPOINT, such as PJSIP/anna')
  const [by, template, of] = [actor(request), text(request, 'text'), wholeNumber(request, 'of')]
  const wanted = {
    ...{ ...keyOf(request, name), endpoint },
    ...(template !== undefined && { template }),
    ...(of !== undefined && { of }),
  }
  const rung = await withProject(project => recordPrompt(project, by, wanted))
  return print(
    request,
    rung,
    `Ringing ${endpoint}. Answer, speak after the tone, press #. You hear it: 1 keeps it, 2 records again.\n` +
      `What you keep is a draft: consentry prompt versions ${name} --lang ${wanted.language}\n`,
  )
}

function reportMade({ json }: Request, { prompt, warnings }: MadePrompt): number {
  for (const warning of warnings) process.stderr.write(`${pc.yellow('consentry:')} ${english(warning)}\n`)
  const { name, language, version, lengthMs, lufs } = prompt
  return print(
    { json },
    prompt,
    `${name} in ${language}: version ${version} is a draft (${(lengthMs / 1000).toFixed(1)} s, ${lufs!.toFixed(1)} LUFS)\n` +
      `Hear it: consentry prompt hear ${name} --lang ${language} --version ${version} -o draft.wav\n` +
      `Publish it: consentry prompt publish ${name} --lang ${language} --version ${version}\n`,
  )
}

/** The version whose state is changed. */
function versionOf(request: Request, name: string) {
  const version = wholeNumber(request, 'version')
  if (version === undefined) throw new UsageError('say which version: --version N')
  return { ...keyOf(request, name), version }
}

async function publish(request: Request, name: string): Promise<number> {
  if (request.options['propose'] === true) return propose(request, name, 'publish')
  const changed = await changeNow(request, name, publishPrompt)
  return print(request, changed, `${name} in ${changed.language}: version ${changed.version} is in force\n`)
}

async function withdraw(request: Request, name: string): Promise<number> {
  if (request.options['propose'] === true) return propose(request, name, 'withdraw')
  const changed = await changeNow(request, name, withdrawPrompt)
  return print(request, changed, `${name} in ${changed.language}: version ${changed.version} is withdrawn\n`)
}

/** Publishes or withdraws a version without a proposal. */
function changeNow(request: Request, name: string, change: typeof withdrawPrompt): Promise<ChangedPrompt> {
  const [by, wanted] = [actor(request), versionOf(request, name)]
  const withoutApproval = request.options['without-approval'] === true
  return withProject(project => change(project, by, wanted, { withoutApproval }))
}

async function propose(request: Request, name: string, step: 'publish' | 'withdraw'): Promise<number> {
  const [by, wanted] = [actor(request), versionOf(request, name)]
  const made = await withProject(project => proposePrompt(project, by, { ...wanted, step }))
  return print(request, made, `${name} in ${made.language}: proposal ${made.id} awaits a second person\n`)
}

async function discard(request: Request, name: string): Promise<number> {
  const [by, wanted] = [actor(request), versionOf(request, name)]
  const changed = await withProject(project => discardPrompt(project, by, wanted))
  return print(request, changed, `${name} in ${wanted.language}: version ${wanted.version} is discarded\n`)
}

async function where(request: Request, name: string): Promise<number> {
  const used = await withProject(project => wherePrompt(project, keyOf(request, name)))
  const rows = used.lines.map(({ number, version, inForce }) => [
    number,
    String(version),
    inForce ? 'in force' : '',
  ])
  const words = [
    table(['line', 'version', ''], rows, 'No line names it.'),
    ...used.drafts.map(({ draft, line }) => `A draft of line ${line} names it: ${draft}\n`),
    ...(used.lastHeard ? [`Last heard: ${used.lastHeard.at}, call ${used.lastHeard.call}\n`] : []),
  ]
  return print(request, used, words.join(''))
}

async function hear(request: Request, name: string): Promise<number> {
  const version = wholeNumber(request, 'version')
  const quality = request.options['telephone'] === true ? ('telephone' as const) : ('full' as const)
  const file = text(request, 'out') ?? `${name}.wav`
  const wanted = { ...keyOf(request, name), quality, ...(version !== undefined && { version }) }
  const wav = await withProject(project => {
    removeSettings()
    return hearPrompt(project, wanted)
  })
  await writeOutput(file, output => output.write([wav]), 'kept')
  printWritten(request, file, { document: { file, bytes: wav.length }, words: `${file}\n` })
  return 0
}
