import type { FreepbxSite } from './dialplan.js'
import { type Forms, generated, steps } from './forms.js'

/** Queues with their members, and ring groups. */
export const queues = ({ queues: all, groups: rung }: FreepbxSite, { call, onCalled }: Forms): string[] => [
  ...generated(
    'ext-queues',
    [],
    ...all.flatMap(queue =>
      steps(
        queue,
        call('user-callerid'),
        'Answer()',
        'Set(__FROMQUEUEEXTEN=${CALLERID(number)})',
        `Set(_DIAL_OPTIONS=\${DIAL_OPTIONS}${onCalled('auto-blkvm')})`,
        'Set(__NODEST=${EXTEN})',
        'Set(__QCONTEXT=0)',
        'qoptions|Set(QOPTIONS=t)',
        `Gosub(sub-record-check,s,1(q,${queue},dontcare))`,
        'Set(__SIGNORE=TRUE)',
        'Set(QUEUENUM=${EXTEN})',
        `qcall|Queue(${queue},\${QOPTIONS},,,60)`,
        'Gosub(sub-record-cancel,s,1)',
        'Set(__NODEST=)',
        'gotodest|Hangup()',
      ),
    ),
    `exten => h,1,${call('hangupcall')}`,
  ),
  ...generated(
    'from-queue',
    [],
    ...all.flatMap(queue => steps(queue, 'Goto(from-internal,${QAGENT},1)')),
    ...steps('_X.', 'Set(QAGENT=${EXTEN})', 'Set(__FROMQ=true)', 'Goto(${NODEST},1)'),
  ),
  ...generated(
    'ext-group',
    [],
    ...Object.entries(rung).flatMap(([group, members]) =>
      steps(
        group,
        call('user-callerid'),
        'Set(__NODEST=${EXTEN})',
        `Gosub(sub-record-check,s,1(rg,${group},dontcare))`,
        'Set(RingGroupMethod=ringall)',
        call('dial', `20,\${DIAL_OPTIONS},${members.join('-')}`),
        'Gosub(sub-record-cancel,s,1)',
        'Set(__NODEST=)',
        'Hangup()',
      ),
    ),
    `exten => h,1,${call('hangupcall')}`,
  ),
]

/** Follow-me, and how several phones are dialled at once. */
export const severalPhones = ({ followMe = {} }: FreepbxSite, { call, end }: Forms): string[] => [
  ...generated(
    'ext-findmefollow',
    [],
    ...Object.keys(followMe).flatMap(extension =>
      steps(
        extension,
        call('user-callerid'),
        'Set(__EXTTOCALL=${EXTEN})',
        'Set(__NODEST=${EXTEN})',
        'Gosub(sub-record-check,s,1(exten,${EXTEN},))',
        call(
          'dial',
          `20,\${DIAL_OPTIONS},${followMe[extension]!.extension}-${followMe[extension]!.outside}#`,
        ),
        'Set(__NODEST=)',
        'Hangup()',
      ),
    ),
  ),
  // FreePBX joins the devices of all extensions, and dials a number that ends with # as an extension would.
  ...generated(
    'macro-dial',
    [],
    ...steps(
      's',
      'Set(ds=)',
      'Set(ITER=1)',
      'next|Set(one=${CUT(ARG3,-,${ITER})})',
      'Set(ds=${ds}&${IF($["${one:-1}" = "#"]?Local/${one:0:-1}@from-internal/n:${DB(DEVICE/${one}/dial)})})',
      'Set(ITER=$[${ITER} + 1])',
      'GotoIf($[${ITER} <= ${FIELDQTY(ARG3,-)}]?next)',
      call('dial-ringall-predial-hook'),
      'nddialapp|Dial(${ds:1},${ARG1},${ARG2}b(func-apply-sipheaders^s^1))',
      end,
    ),
  ),
]

/** Extensions, and their voicemail. */
export const extensions = (
  { extensions: all, mailboxes = [] }: FreepbxSite,
  { call, end, onCalled }: Forms,
) => [
  ...generated(
    'ext-local',
    [],
    ...all.flatMap(extension => {
      const box = mailboxes.includes(extension) ? extension : 'novm'
      return steps(
        extension,
        call('exten-vm', `${box},${extension},0,0,0`),
        'dest|Set(__PICKUPMARK=)',
        'Hangup()',
      )
    }),
    `exten => h,1,${call('hangupcall')}`,
  ),
  ...generated(
    'macro-exten-vm',
    [],
    ...steps(
      's',
      call('user-callerid'),
      'Set(__EXTTOCALL=${ARG2})',
      'Set(RT=${IF($["${ARG1}" != "novm"]?5:30)})',
      'checkrecord|Gosub(sub-record-check,s,1(exten,${EXTTOCALL},dontcare))',
      call('dial-one', '${RT},${DIAL_OPTIONS},${EXTTOCALL}'),
      'GotoIf($["${ARG1}" = "novm"]?done)',
      call('vm', '${ARG1},${DIALSTATUS},${IVR_RETVM}'),
      `done|${end}`,
    ),
  ),
  ...generated(
    'macro-dial-one',
    [],
    ...steps(
      's',
      'Set(DEXTEN=${ARG3})',
      'Set(DSTRING=${DB(DEVICE/${DEXTEN}/dial)})',
      `Set(D_OPTIONS=\${ARG2}\${IF($["\${NODEST}" != "" & "\${ARG2:-1}" != ")"]?${onCalled('auto-blkvm')}:)})`,
      `godial|${call('dialout-one-predial-hook')}`,
      'ExecIf($["${FROMQ}" = "true"]?Set(D_OPTIONS=${STRREPLACE(D_OPTIONS,T)}))',
      'dial|Dial(${DSTRING},${ARG1},${D_OPTIONS}b(func-apply-sipheaders^s^1))',
      `ExecIf($["\${DIALSTATUS}" = "ANSWER"]?${call('hangupcall')})`,
      end,
    ),
  ),
  ...generated(
    'macro-vm',
    [],
    ...steps('s', 'Goto(s-${ARG2},1)'),
    ...steps('_s-.', 'VoiceMail(${ARG1}@default,u)', 'Hangup()'),
  ),
  ...generated('macro-auto-blkvm', [], ...steps('s', 'Set(__MACRO_RESULT=)', end)),
]
