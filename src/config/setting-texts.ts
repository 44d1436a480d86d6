import type { SettingName } from './config.js'

/** Settings that belong together, as the page of the settings describes them. */
export interface SettingText {
  names: readonly SettingName[]
  /** The default in words, in Markdown. */
  usual: string
  /** What the setting does, in Markdown. Links start from the folder `docs`. */
  means: string
}

/** The settings by subject. `npm run docs` writes them into docs/configure.md; a test compares the names with `environment`. */
export const SETTING_TEXTS: readonly { title: string; settings: readonly SettingText[] }[] = [
  {
    title: 'PBX and participants',
    settings: [
      {
        names: ['ARI_URL'],
        usual: '`http://127.0.0.1:8088`',
        means: "Asterisk's HTTP server; `https://` if it is on another host",
      },
      {
        names: ['CONSENTRY_ARI_NETWORK'],
        usual: '`untrusted`',
        means: '`trusted` allows `http://` to another host, if no other party uses that network',
      },
      {
        names: ['ARI_USERNAME', 'ARI_PASSWORD'],
        usual: '–',
        means: 'as in `ari.conf`; the service needs both',
      },
      {
        names: ['ARI_APP'],
        usual: '`consentry`',
        means: 'ARI application. If you change it, set `CONSENTRY_APP` in the dialplan to the same',
      },
      {
        names: ['CONSENTRY_INSIDE'],
        usual: 'none',
        means:
          '[phones of the company](parties.md#inside-and-outside): `PJSIP/7*,!PJSIP/carrier*,context:from-internal`. Without it, only [the first participant reached](parties.md#where-nothing-says-it) is of the company',
      },
      {
        names: ['CONSENTRY_PBX_RECORDS'],
        usual: '`alarm`',
        means:
          'what to do if [the PBX itself records](parties.md#a-pbx-that-records-by-itself) a caller who is asked: `alarm`, or `stop` to stop that recording too',
      },
      {
        names: ['CONSENTRY_RING_ENDPOINTS'],
        usual: 'none',
        means:
          'phones that may be [rung](lines.md#hear-a-draft-by-telephone), with or without a name: `PJSIP/anna=Anna,PJSIP/701@trunk`',
      },
      {
        names: ['CONSENTRY_SILENT_LEG'],
        usual: '`30`',
        means: 'seconds of silence on one side of a recording that raise an alarm; more than 5',
      },
    ],
  },
  {
    title: 'Database',
    settings: [
      {
        names: ['DATABASE_URL'],
        usual: 'an embedded PostgreSQL',
        means:
          "URL with the service's role. With [several servers](operate.md#a-second-postgresql), `postgres://role:password@one:5432,two:5432/database`, the one that takes writes is used",
      },
      {
        names: ['DATABASE_ADMIN_URL'],
        usual: '–',
        means:
          "URL with the owner's role, only for `consentry migrate`. Service and console do not start if it is set",
      },
      {
        names: ['DATABASE_CONSOLE_URL'],
        usual: 'the embedded PostgreSQL',
        means: 'URL with the role of the [console](console.md)',
      },
    ],
  },
  {
    title: 'Storage and keys',
    settings: [
      { names: ['CONSENTRY_DATA'], usual: '`./var`', means: 'data folder' },
      {
        names: ['CONSENTRY_STORE'],
        usual: '`file:$CONSENTRY_DATA/store`',
        means:
          'folder of recordings, or [one for each purpose](security.md#purposes-apart): `"service=file:/a marketing=file:/b"`',
      },
      {
        names: ['CONSENTRY_KEYSTORE'],
        usual: '`file:$CONSENTRY_DATA/keys`',
        means:
          'folder of key files, in the same form. Several with commas are [mirrors](security.md#running-the-key-store)',
      },
      {
        names: ['CONSENTRY_RECIPIENTS'],
        usual: '`$CONSENTRY_DATA/recipients.json`',
        means:
          '`recipients.json` of `keygen`, as path or JSON. If set, the console adds no [key](security.md#a-key-from-the-console). Without recipients nothing is recorded',
      },
      {
        names: ['CONSENTRY_IDENTITY'],
        usual: '–',
        means:
          '`identity.json`, as path or JSON, for `open`, `verify`, `audit`, `rights export` and `keygen --rotate`. Never give it to the service, which warns of it',
      },
      {
        names: ['CONSENTRY_TAP_DIR'],
        usual: '`/run/consentry/tap` if it exists, else `/dev/shm/consentry-UID-PORT`',
        means: '[tap folder](asterisk.md#the-tap-folder)',
      },
      {
        names: ['CONSENTRY_KEEPER_SOCKET'],
        usual: 'the service starts a keeper',
        means: 'socket of a [keeper with its own unit](install.md#service)',
      },
    ],
  },
  {
    title: 'Service',
    settings: [
      {
        names: ['CONSENTRY_NODE'],
        usual: "the host's name",
        means: 'name of this installation, for people; [not in the log](formats.md#what-names-the-machine)',
      },
      {
        names: ['CONSENTRY_REPLACES'],
        usual: '–',
        means: 'id of a lost node that this one [replaces](#which-service-is-which)',
      },
      {
        names: ['CONSENTRY_OPERATOR'],
        usual: 'lines to fill in',
        means: 'the operator in [acts and notices](rights.md#the-operator), as path or JSON',
      },
      {
        names: ['CONSENTRY_LOG_LEVEL'],
        usual: '`info`',
        means: '`fatal` to `trace`, or `silent`. The log is JSON on standard error, without personal data',
      },
      {
        names: ['CONSENTRY_HTTP'],
        usual: '`127.0.0.1:8080`',
        means:
          'address of [health, metrics](operate.md#health) and the [log](formats.md#the-journal) (`/log`)',
      },
      {
        names: ['CONSENTRY_API_TOKEN'],
        usual: '–',
        means:
          'token with which programs [pause](lines.md#pausing) and [ask](parties.md#asked-in-the-conversation); at least 16 characters',
      },
      {
        names: ['CONSENTRY_INSIDE_HOSTS'],
        usual: '–',
        means:
          'hosts of witness, time stamps, speech and Vosk whose names may lead to private networks. Addresses, `localhost` and names without a dot always may',
      },
    ],
  },
  {
    title: 'Console',
    settings: [
      {
        names: ['CONSENTRY_CONSOLE'],
        usual: '`127.0.0.1:8081`',
        means: 'address of the console. `off`: the service starts none',
      },
      {
        names: ['CONSENTRY_CONSOLE_ORIGIN'],
        usual: "the console's address",
        means:
          'how browsers reach it, such as `https://consentry.example`; used in invitations. With `https:`, or off loopback, cookies are for HTTPS only',
      },
      {
        names: ['CONSENTRY_CONSOLE_CERTIFICATE', 'CONSENTRY_CONSOLE_KEY'],
        usual: 'none',
        means:
          'PEM files: certificate with chain, and secret key (TLS 1.2 or later). A renewed certificate is taken within a minute',
      },
      {
        names: ['CONSENTRY_CONSOLE_PROXIES'],
        usual: 'none',
        means:
          'reverse proxies (addresses or networks) whose `X-Forwarded-For`, `-Proto` and `-Host` are believed',
      },
      {
        names: ['CONSENTRY_CONSOLE_SECOND_FACTOR'],
        usual: '`required`',
        means:
          '`optional`: people may accept an invitation without one. After a change back, [reset](commands.md#people) those without',
      },
      {
        names: ['CONSENTRY_LINE_APPROVAL'],
        usual: '`off`',
        means:
          '`required`: changes of [lines](lines.md#drafts) and [prompts](lines.md#prompts-made-while-the-service-runs) need a second person',
      },
    ],
  },
  {
    title: 'Schedules and terms',
    settings: [
      {
        names: ['CONSENTRY_RETENTION_CRON'],
        usual: '`17 * * * *`',
        means: "when the service purges, in the machine's time zone; also soon after its start",
      },
      {
        names: ['CONSENTRY_PERSONAL_DAYS'],
        usual: '`30`',
        means:
          'days after a call until its [personal data is erased](rights.md#automatic-erasure), 1 to 3660. A recording prolongs this',
      },
      {
        names: ['CONSENTRY_AUDIT_CRON'],
        usual: '`43 3 * * *`',
        means: 'when it audits; also five minutes after its start',
      },
      {
        names: ['CONSENTRY_PROBE_LINES'],
        usual: 'none',
        means: 'lines to [probe](commands.md#probe-calls); a fault raises `probe-failed`',
      },
      {
        names: ['CONSENTRY_PROBE_CRON'],
        usual: '`7 * * * *`',
        means: 'when it probes; also a minute after its start',
      },
      {
        names: ['CONSENTRY_PROBE_CONTEXT'],
        usual: '`consentry-probe-call`',
        means: 'dialplan context of probe calls; the default rings no agent',
      },
    ],
  },
  {
    title: 'Load',
    settings: [
      {
        names: ['CONSENTRY_MAX_RECORDINGS'],
        usual: '`0`',
        means:
          'number of calls, asked or recorded, at which new ones [pass unasked](operate.md#shedding). `0`: only open files limit it',
      },
      {
        names: ['CONSENTRY_MAX_LAG'],
        usual: '`300`',
        means: 'delay of service, PBX, database, stores or prompts at which they do, ms; at least 50',
      },
    ],
  },
  {
    title: 'Transparency log',
    settings: [
      {
        names: ['CONSENTRY_LOG_ORIGIN'],
        usual: '`$CONSENTRY_NODE/consentry`',
        means: 'public name of the [log](formats.md#the-journal), a URL without scheme; never changes',
      },
      {
        names: ['CONSENTRY_LOG_KEY'],
        usual: '`$CONSENTRY_DATA/log.key`',
        means: 'key that signs the log; the first service makes it',
      },
      {
        names: ['CONSENTRY_WITNESS_URL', 'CONSENTRY_WITNESS_KEY'],
        usual: '–',
        means: '[witness](operate.md#witness), and the verifier key that `consentry witness` prints',
      },
      {
        names: ['CONSENTRY_TIMESTAMP_URL'],
        usual: '–',
        means: 'server of [time stamps](operate.md#time-stamps) (RFC 3161)',
      },
    ],
  },
  {
    title: 'Prompts and languages',
    settings: [
      {
        names: ['CONSENTRY_PROMPTS'],
        usual: '`$CONSENTRY_DATA/prompts`',
        means: 'converted prompts; Asterisk must be able to read them',
      },
      {
        names: ['CONSENTRY_LANGUAGES'],
        usual: 'none: Russian and English',
        means: 'folder of [further languages](lines.md#a-third-language)',
      },
      {
        names: ['CONSENTRY_SPEECH_URL'],
        usual: '–',
        means: 'another [voice](lines.md#prompts-made-while-the-service-runs), over HTTP',
      },
      { names: ['CONSENTRY_FFMPEG'], usual: '`ffmpeg`', means: 'converts prompts' },
      { names: ['CONSENTRY_CHROMIUM'], usual: '`chromium`', means: 'prints documents as PDF' },
    ],
  },
  {
    title: 'Answers by voice',
    settings: [
      {
        names: ['CONSENTRY_EAR_HOST'],
        usual: '`127.0.0.1`',
        means:
          'address of this machine to which Asterisk sends [spoken answers](lines.md#answers-by-voice), as unencrypted RTP',
      },
      {
        names: ['CONSENTRY_EAR_STREAMS'],
        usual: '`20`',
        means: 'callers heard at once; others answer by key. With `0`, a line by voice raises `speech-away`',
      },
      {
        names: ['CONSENTRY_SPEECH_MODELS'],
        usual: '`/`',
        means: 'for `embedded`: root folder of its Debian packages',
      },
      {
        names: ['CONSENTRY_VOSK_RU', 'CONSENTRY_VOSK_EN'],
        usual: '–',
        means: 'for `vosk`: server, such as `ws://127.0.0.1:2700`; on another host `wss://` only',
      },
      {
        names: ['CONSENTRY_SHERPA_RU', 'CONSENTRY_SHERPA_EN'],
        usual: '–',
        means:
          'for `sherpa`: kind and folder of the model, such as `tone-ctc:/srv/t-one`; also `zipformer2-ctc`, `nemo-ctc`, `transducer`',
      },
    ],
  },
]
