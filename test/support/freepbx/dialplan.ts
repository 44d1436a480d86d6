import type { AsteriskVersion } from '../../../lab/pbx.js'
import { extensions, queues, severalPhones } from './destinations.js'
import { type Forms, GOSUB, generated, including, MACRO, steps } from './forms.js'

/** What a dialplan is written for. */
export interface FreepbxSite {
  /** FreePBX 16 runs subroutines by `Macro`, which Asterisk 22 does not have; FreePBX 17 by `Gosub`. */
  version: AsteriskVersion
  /** What stands in `extensions_custom.conf`. */
  custom: string
  /** Where each inbound route leads: a place of the dialplan for each number. */
  routes: Readonly<Record<string, string>>
  queues: readonly string[]
  /** Each ring group with its extensions. */
  groups: Readonly<Record<string, readonly string[]>>
  extensions: readonly string[]
  /** Extensions that have a mailbox. */
  mailboxes?: readonly string[]
  /** Extensions with follow-me: a phone, and a number outside that is dialled by the trunk. */
  followMe?: Readonly<Record<string, { extension: string; outside: string }>>
  /** Where an IVR leads by the key 1. */
  ivr?: string
}

/**
 * A dialplan with the contexts of FreePBX, so that what runs in it runs there: with the same names, in the same order, joined in the same
 * way, and with the variables and hooks that concern us. It was written for these tests, and has what our recipes touch, not more.
 *
 * @returns lines for the end of the context `from-lab`, as `startCallLab` takes them
 */
export function freepbxDialplan(site: FreepbxSite): string {
  const forms = site.version === 22 ? GOSUB : MACRO
  return [
    // What the lab's trunk and phones do, which FreePBX has in other files.
    'exten => _4XXXXXXXXX,1,Goto(from-pstn,${EXTEN},1)',
    'exten => _[179]X!,1,Goto(from-internal,${EXTEN},1)',
    // extensions_additional.conf
    ...inbound(site),
    ...internal(site),
    ...queues(site, forms),
    ...severalPhones(site, forms),
    ...extensions(site, forms),
    ...outbound(site, forms),
    ...recording(forms),
    // extensions_custom.conf
    site.custom,
    // The rest of extensions.conf: where a line stands twice, the one above holds.
    ...fixed(forms),
  ].join('\n')
}

const inbound = ({ routes, ivr }: FreepbxSite): string[] => [
  ...generated('ext-did', ['ext-did-0001', 'ext-did-0002']),
  ...generated(
    'ext-did-0002',
    [],
    ...Object.entries(routes).flatMap(([number, to]) =>
      steps(
        number,
        'Set(__DIRECTION=)',
        'Gosub(sub-record-check,s,1(in,${EXTEN},dontcare))',
        'Set(__FROM_DID=${EXTEN})',
        `dest-ext|Goto(${to})`,
      ),
    ),
  ),
  ...(ivr === undefined
    ? []
    : generated(
        'ivr-1',
        ['from-did-direct-ivr'],
        ...steps(
          's',
          'Set(_IVR_CONTEXT=${CONTEXT})',
          'GotoIf($["${CHANNEL(state)}" = "Up"]?skip)',
          'Answer()',
          'skip|Set(TIMEOUT(digit)=3)',
          'start|Background(vm-enter-num-to-call)',
          'WaitExten(60)',
        ),
        ...steps('1', 'Set(__NODEST=)', 'Set(__ivrreturn=0)', `Goto(${ivr})`),
      )),
]

const internal = ({ followMe = {} }: FreepbxSite): string[] =>
  generated('from-internal-additional', [
    ...['ext-local', 'outbound-allroutes', 'ext-group', 'ext-queues'],
    ...(Object.keys(followMe).length > 0 ? ['ext-findmefollow'] : []),
  ])

const outbound = (_: FreepbxSite, { call, end }: Forms): string[] => [
  '[outbound-allroutes]',
  'include => outbound-allroutes-custom',
  ...['outrt-1', 'outrt-2'].map(route => `include => ${route}`),
  ...generated('outrt-1', [], ...outboundRoute('_9.', '${EXTEN:1}', call)),
  ...generated('outrt-2', [], ...outboundRoute('112', '${EXTEN}', call, 'Set(EMERGENCYROUTE=YES)')),
  ...generated(
    'macro-dialout-trunk',
    [],
    ...steps(
      's',
      'Set(DIAL_TRUNK=${ARG1})',
      'Set(DIAL_NUMBER=${ARG2})',
      'Set(DIAL_TRUNK_OPTIONS=${TRUNK_OPTIONS})',
      'Set(OUTNUM=${OUTPREFIX_${DIAL_TRUNK}}${DIAL_NUMBER})',
      `gocall|${call('dialout-trunk-predial-hook')}`,
      'GotoIf($["${PREDIAL_HOOK_RET}" = "BYPASS"]?bypass)',
      // The lab's trunk is one phone, whatever number is dialled.
      'Dial(${OUT_${DIAL_TRUNK}},${TRUNK_RING_TIMER},${DIAL_TRUNK_OPTIONS}b(func-apply-sipheaders^s^1))',
      call('hangupcall'),
      `bypass|${end}`,
    ),
  ),
]

const outboundRoute = (exten: string, number: string, call: Forms['call'], ...first: string[]): string[] =>
  steps(
    exten,
    call('user-callerid', 'LIMIT,EXTERNAL'),
    'Gosub(sub-record-check,s,1(out,${EXTEN},dontcare))',
    ...first,
    'Set(_NODEST=)',
    call('dialout-trunk', `1,${number},,off`),
    'Hangup()',
  )

/** Who is recorded: a kind of call that has an extension here goes there, any other one is decided by its setting alone. */
const recording = ({ end }: Forms): string[] => [
  // FreePBX has a program decide and stop. The second press ends the newest MixMonitor of this channel.
  ...generated(
    'macro-one-touch-record',
    [],
    ...steps(
      's',
      'GotoIf($["${REC_STATUS}" = "RECORDING"]?stop)',
      'Set(REC_STATUS=RECORDING)',
      'startrec|MixMonitor(ondemand-${UNIQUEID}.wav,ai(LOCAL_MIXMON_ID))',
      'Goto(end)',
      'stop|StopMixMonitor()',
      'Set(REC_STATUS=STOPPED)',
      `end|${end}`,
    ),
  ),
  ...generated(
    'sub-record-check',
    [],
    ...steps(
      's',
      'GotoIf($[${LEN(${FROMEXTEN})}]?initialized)',
      'Set(__FROMEXTEN=${IF($[${LEN(${AMPUSER})}]?${AMPUSER}:unknown)})',
      'initialized|ExecIf($[!${LEN(${ARG3})}]?Set(ARG3=dontcare))',
      'ExecIf($["${BLINDTRANSFER}${ATTENDEDTRANSFER}" != ""]?Set(REC_STATUS=NO))',
      'checkaction|GotoIf($[${DIALPLAN_EXISTS(sub-record-check,${ARG1})}]?sub-record-check,${ARG1},1)',
      'Gosub(recordcheck,1(${ARG3},${ARG1},${ARG2}))',
      'Return()',
    ),
    ...steps(
      'recordcheck',
      'Goto(${ARG1})',
      'dontcare|Return()',
      'force|Set(__REC_STATUS=RECORDING)',
      'Return()',
    ),
    ...['in', 'out', 'exten'].flatMap(kind =>
      steps(kind, 'Gosub(recordcheck,1(dontcare,${ARG1},${ARG2}))', 'Return()'),
    ),
  ),
  ...generated('sub-record-cancel', [], ...steps('s', 'Return()')),
]

const fixed = ({ call, end }: Forms): string[] => [
  '[from-pstn]',
  ...['from-pstn-custom', 'ext-did', 'ext-did-post-custom', 'from-did-direct', 'ext-did-catchall'].map(
    including,
  ),
  '[from-internal]',
  ...['from-internal-noxfer', 'from-internal-xfer', 'bad-number'].map(including),
  `exten => h,1,${call('hangupcall')}`,
  '[from-internal-noxfer]',
  ...['from-internal-noxfer-custom', 'from-internal-noxfer-additional'].map(including),
  `exten => h,1,${call('hangupcall')}`,
  '[from-internal-xfer]',
  ...['from-internal-custom', 'from-internal-additional'].map(including),
  `exten => h,1,${call('hangupcall')}`,
  '[from-did-direct]',
  ...['ext-findmefollow', 'ext-local'].map(including),
  ...['dialout-trunk', 'dialout-one', 'dial-ringall'].flatMap(name => [
    `[macro-${name}-predial-hook]`,
    `exten => s,1,${end}`,
  ]),
  '[macro-user-callerid]',
  ...steps('s', 'Set(AMPUSER=${DB(DEVICE/${CALLERID(number)}/user)})', end),
  '[macro-hangupcall]',
  ...steps('s', 'Hangup()', end),
  '[func-apply-sipheaders]',
  ...steps('s', 'Return()'),
]
