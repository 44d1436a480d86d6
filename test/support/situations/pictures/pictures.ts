import {
  asked,
  type DrawnRow,
  type Picture,
  rings,
  rowOf,
  step,
  talk,
  tone,
  waits,
  whisper,
} from './picture.js'

const yes = step('The caller is asked, and says yes.', 'not yet', asked('caller'))
/** The same, of a picture with two recordings. */
const yesTwice = { ...yes, kept: ['not yet', 'not yet'] } as const
const first = step('Caller and agent 1 talk.', 'both', talk('caller', 'agent 1'))
const talkTwice = step('Caller and agent talk.', ['both', 'both'], talk('caller', 'agent'))
/** An agent who has got the caller from another one pauses. */
const pauses = [
  step('Agent 2 presses *7. The caller says a card number.', 'agent', talk('caller', 'agent 2')),
  step('Agent 2 presses *7 again.', 'both', talk('caller', 'agent 2')),
]
/** An agent dials a customer, who is asked. */
const dials = [
  step('The agent dials, and the customer’s phone rings.', 'not yet', waits('agent'), rings('customer')),
  step('The customer is asked. The agent hears a tone.', 'not yet', tone('agent'), asked('customer')),
]
const one = (test: string, row: string) => [{ head: 'recording', row, test }]

/** All pictures of `docs/parties.md`, in its order. */
export const PICTURES: readonly Picture[] = [
  {
    ...{ name: 'blind-transfer', title: 'Blind transfer to a colleague', recorded: 'caller', told: '-' },
    strips: one('vanish.test.ts', 'blind transfer, to a phone whose sequence numbers look older'),
    steps: [
      yes,
      first,
      step(
        'Agent 1 presses #1 and the number of agent 2, whose phone rings.',
        'both',
        waits('caller'),
        rings('agent 2'),
      ),
      step('Agent 2 answers. Nobody is asked.', 'both', talk('caller', 'agent 2')),
    ],
  },
  {
    ...{ name: 'transfer-to-line', title: 'Blind transfer to a line that records nothing' },
    ...{ recorded: 'caller', told: '-' },
    strips: one('parties.test.ts', 'to a line that records nothing'),
    steps: [
      yes,
      first,
      step(
        'Agent 1 sends the caller on to a line that records nothing. Agent 2 answers.',
        'line',
        talk('caller', 'agent 2'),
      ),
    ],
  },
  {
    ...{
      name: 'attended-transfer',
      title: 'Attended transfer to a colleague',
      recorded: 'caller',
      told: '-',
    },
    strips: one('parties.test.ts', 'attended transfer by *3, *7 after it'),
    steps: [
      yes,
      first,
      step(
        'Agent 1 presses *3 and the number of agent 2. The two talk, and the caller waits.',
        'both',
        waits('caller'),
        talk('agent 1', 'agent 2'),
      ),
      step('Agent 1 hangs up. Caller and agent 2 talk.', 'both', talk('caller', 'agent 2')),
      ...pauses,
    ],
  },
  {
    ...{ name: 'transfer-outside', title: 'Attended transfer to somebody outside' },
    ...{ recorded: 'caller', told: 'no' },
    strips: one(
      'sent-on.ts',
      'attended transfer by REFER with Replaces, to somebody outside whom nobody asked',
    ),
    steps: [
      yes,
      step('Caller and agent talk.', 'both', talk('caller', 'agent')),
      step(
        'The agent’s phone calls somebody outside. The caller does not hear them.',
        'both',
        waits('caller'),
        talk('agent', 'outsider'),
      ),
      step('The agent joins the two, and hangs up.', 'party', talk('caller', 'outsider')),
    ],
  },
  {
    ...{ name: 'park', title: 'Park and retrieve', recorded: 'caller', told: '-' },
    strips: one('parties.test.ts', 'park and retrieve, *7 after it'),
    steps: [
      yes,
      first,
      step('Agent 1 parks the caller.', 'both', waits('caller')),
      step('Agent 2 retrieves the caller.', 'both', talk('caller', 'agent 2')),
      ...pauses,
    ],
  },
  {
    ...{ name: 'hold-by-agent', title: 'The agent holds', recorded: 'caller', told: '-' },
    strips: ['record', 'pause'].map(rule => ({
      head: rule,
      row: `the agent holds, with music, \`onHold: ${rule}\``,
      test: 'hold.test.ts',
    })),
    steps: [
      yesTwice,
      step('The agent’s phone rings.', ['both', 'hold'], waits('caller'), rings('agent')),
      talkTwice,
      step(
        'The agent holds. The caller hears music, and speaks.',
        ['both', 'hold'],
        tone('caller'),
        waits('agent'),
      ),
      step('The agent takes the call back.', ['both', 'both'], talk('caller', 'agent')),
    ],
  },
  {
    ...{ name: 'hold-by-caller', title: 'The caller holds', recorded: 'caller', told: '-' },
    strips: ['record', 'pause'].map(rule => ({
      head: rule,
      row: `the caller holds, \`onHold: ${rule}\``,
      test: 'hold.test.ts',
    })),
    steps: [
      yesTwice,
      step('The agent’s phone rings.', ['both', 'hold'], waits('caller'), rings('agent')),
      talkTwice,
      {
        ...step('The caller holds. The agent speaks.', ['both', 'hold'], waits('caller'), waits('agent')),
        voices: { says: [], hears: ['agent'] },
      },
      step('The caller takes the call back.', ['both', 'both'], talk('caller', 'agent')),
    ],
  },
  {
    ...{ name: 'queue', title: 'Queue', recorded: 'caller', told: '-' },
    strips: one('freepbx.test.ts', 'queue of two agents: nobody answers, then one does'),
    steps: [
      yes,
      step(
        'The caller waits in the queue, and speaks. The phones of its agents ring.',
        'both',
        waits('caller'),
        rings('agent 1'),
        rings('agent 2'),
      ),
      step('Agent 2 answers.', 'both', talk('caller', 'agent 2')),
    ],
  },
  {
    ...{ name: 'ring-group', title: 'Ring group', recorded: 'caller', told: '-' },
    strips: [
      { head: 'yes', row: 'ring group', test: 'freepbx.test.ts' },
      { head: 'no', row: 'ring group, refused', test: 'freepbx.test.ts' },
    ],
    steps: [
      step('The caller is asked, and answers.', ['not yet', 'not yet'], asked('caller')),
      step('Two phones ring.', ['both', 'refused'], waits('caller'), rings('agent 1'), rings('agent 2')),
      step('Agent 2 answers.', ['both', 'refused'], talk('caller', 'agent 2')),
    ],
  },
  {
    ...{ name: 'outbound', title: 'An agent calls a customer', recorded: 'customer', told: '-' },
    strips: one('outbound.test.ts', 'outbound by Dial with G'),
    steps: [...dials, step('The customer says yes. The two talk.', 'both', talk('agent', 'customer'))],
  },
  {
    ...{ name: 'outbound-refused', title: 'A customer who says no is sent elsewhere' },
    ...{ recorded: 'customer', told: '-' },
    strips: one('outbound.test.ts', 'outbound, refused: the customer is sent elsewhere'),
    steps: [
      ...dials,
      step('The customer says no. The agent hears a busy tone.', 'refused', tone('agent'), waits('customer')),
      step('The agent is gone. Somebody else serves the customer.', 'refused', talk('customer', 'colleague')),
    ],
  },
  {
    ...{ name: 'dialler', title: 'A dialler calls a customer', recorded: 'customer', told: '-' },
    strips: one('outbound.test.ts', 'outbound by originate'),
    steps: [
      step('The dialler has the customer’s phone ring.', 'not yet', rings('customer')),
      step('The customer is asked. No agent is there.', 'not yet', asked('customer')),
      step('The customer says yes, and an agent’s phone rings.', 'both', waits('customer'), rings('agent')),
      step('The agent answers.', 'both', talk('customer', 'agent')),
    ],
  },
  {
    ...{ name: 'conference', title: 'Conference with somebody who has not agreed' },
    ...{ recorded: 'caller', told: 'asked, did not agree; no' },
    strips: [
      {
        head: 'pause',
        row: 'conference with one who refused, and one whom nobody asked',
        test: 'parties.test.ts',
      },
      { head: 'own-side', row: 'the same, where the line says own-side', test: 'parties.test.ts' },
    ],
    steps: [
      yesTwice,
      talkTwice,
      step('B joins, who said no on another line.', ['party', 'own'], talk('caller', 'agent', 'B')),
      step('B leaves.', ['both', 'both'], talk('caller', 'agent')),
      step('C joins, whom nobody asked.', ['party', 'own'], talk('caller', 'agent', 'C')),
      step('C leaves.', ['both', 'both'], talk('caller', 'agent')),
    ],
  },
  {
    ...{ name: 'conference-asked', title: 'Whoever joins a conference is asked' },
    ...{ recorded: 'caller', told: 'asked then, agreed' },
    strips: one(
      'asked-in-conversation.test.ts',
      'conference, where somebody joins whom nobody asked, is asked (`onOutsider`), and agrees',
    ),
    steps: [
      yes,
      step('Caller and agent talk.', 'both', talk('caller', 'agent')),
      step(
        'B joins, whom nobody asked, and is asked by a whisper that the caller does not hear.',
        'party',
        whisper('B', 'caller', 'agent'),
      ),
      step('B says yes.', 'both', talk('caller', 'agent', 'B')),
      step('B leaves.', 'both', talk('caller', 'agent')),
    ],
  },
  {
    ...{ name: 'asked-again', title: 'Asked in the conversation, after a no', recorded: 'caller', told: '-' },
    strips: one(
      'asked-in-conversation.test.ts',
      'asked in the conversation by a program, after a no: agrees',
    ),
    steps: [
      step('The caller is asked, and says no.', 'not yet', asked('caller')),
      step('Caller and agent talk.', 'refused', talk('caller', 'agent')),
      step('A program has the caller asked.', 'refused', whisper('caller', 'agent')),
      step('The caller says yes.', 'both', talk('agent', 'caller')),
    ],
  },
  {
    ...{
      name: 'consultation',
      title: 'An agent consults on a line that asks',
      recorded: 'caller',
      told: '-',
    },
    strips: one('parties.test.ts', 'an agent consults on a line that asks, beside a caller who refused'),
    steps: [
      step('The caller is asked, and says no.', 'not yet', asked('caller')),
      step('Caller and agent talk.', 'refused', talk('caller', 'agent')),
      step(
        'The agent presses *3 and the number of a line that asks. Nobody is asked. The agent’s key 1 is no yes.',
        'refused',
        waits('caller'),
        talk('agent', 'colleague'),
      ),
      step('The agent hangs up. Caller and colleague talk.', 'refused', talk('caller', 'colleague')),
    ],
  },
]

/** What the pictures say of a situation that a test plays. Undefined if none shows it. */
export const drawnOf = (row: string): DrawnRow | undefined =>
  PICTURES.flatMap(picture =>
    picture.strips.filter(strip => strip.row === row).map(strip => rowOf(picture, strip)),
  )[0]
