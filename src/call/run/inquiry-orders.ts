import { event } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import { logUnlessExpected } from '../../lib/faults.js'
import type { Fact, FactName, Order } from '../machine/call-states.js'
import type { CallChannel } from '../ports.js'
import { promptEndBy } from './prompt-player.js'
import type { CallDeps } from './running-call.js'
import { createWhisperer } from './whisperer.js'

interface InquiryOrdersDeps extends Pick<CallDeps, 'journal' | 'prompts' | 'recorder' | 'clock' | 'log'> {
  call: CallId
  channel: CallChannel
  /** The fact that caused the orders: its moment, ms since the epoch, and its name. */
  fact(): { at: number; name: FactName }
  onFact(fact: Extract<Fact, { fact: 'whispered' | 'not-whispered' }>): void
}

type Asked = 'begin-inquiry' | 'tell' | 'ask-aside' | 'end-whisper'

/** Carries out the orders of one call that concern a question in a conversation, and whispers. */
export function createInquiryOrders(deps: InquiryOrdersDeps) {
  const { call, channel, journal, prompts, recorder, clock, log, fact, onFact } = deps
  /** Resolves when the PBX reports the keys of the channel. It does not report them for every call. */
  let followed: Promise<unknown> = Promise.resolve()
  const voice = createWhisperer({
    ...{ call, channel, prompts, journal, clock },
    onWhispered: () => onFact({ fact: 'whispered' }),
    onNotWhispered: reason => onFact({ fact: 'not-whispered', reason }),
  })
  const handlers: { [O in Asked]: (order: Extract<Order, { order: O }>) => void } = {
    'begin-inquiry'({ by, policy: { number: line, version: policy, language }, purposes, recorded }) {
      const data = { by, purposes: purposes.map(({ purpose }) => purpose), line, policy, language, recorded }
      journal.note(event('consent.requested', call, fact().at, data))
      followed = channel.hearKeysOf(channel.id)
      // The next whisper gets the error.
      followed.catch(() => undefined)
    },
    tell: ({ role, prompt, language }) => voice.tell(language, role, prompt, followed),
    'ask-aside'({ purpose, attempt, prompt, language }) {
      journal.note(event('consent.asked', call, fact().at, { purpose, attempt, inConversation: true }))
      voice.tell(language, 'question', prompt, followed)
    },
    'end-whisper': () => voice.endWhisper(promptEndBy(fact().name), fact().at),
  }
  return {
    voice,
    handlers,
    /** Has the PBX start a tap, by its path prefix. A tap that did not start is removed. Never rejects. */
    async startTap(tap: string): Promise<void> {
      // A MixMonitor that starts before a whisper channel has ended would end with it.
      await voice.closed()
      recorder.handedOver(tap, clock.now())
      const outcome = await channel.taps.start(tap).catch((error: unknown) => {
        logUnlessExpected(log, error, 'a tap could not be started', { call })
        return 'failed' as const
      })
      if (outcome === 'started') return
      if (outcome === 'failed')
        log.error({ call }, 'the PBX did not start the tap of a caller who agreed in a conversation')
      await recorder.abandon(tap, outcome === 'failed' ? 'tap-not-started' : 'hung-up')
    },
  }
}
