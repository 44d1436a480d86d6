import type { ChannelId, TrialId } from './ids.js'
import { maskNumber } from './typed-number.js'

/** Begins the id of a trial's channel. The service chooses these ids; a PBX gives out none that begin so. */
const PREFIX = 'consentry-trial-'
const TRIAL_CHANNEL = /^consentry-trial-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id of the channel of a trial. */
export const trialChannelId = (trial: TrialId): ChannelId => `${PREFIX}${trial}` as ChannelId

/**
 * Whether a channel belongs to a trial. The whisper channel beside it, and the second half of a Local channel, do not
 * count.
 */
export const isTrialChannel = (channel: string): boolean => TRIAL_CHANNEL.test(channel)

/** The trial of a channel for which `isTrialChannel` holds. */
export const trialOf = (channel: ChannelId): TrialId => channel.slice(PREFIX.length) as TrialId

/** Fewest digits in a row that may be the telephone number of a person. Shorter ones are extensions. */
const NUMBER = /\d{7,}/g

/** An endpoint as the journal names it: telephone numbers in it are masked. */
export const endpointForJournal = (endpoint: string): string => endpoint.replace(NUMBER, maskNumber)
