import { switchPause } from './switch-pause.js'

export const command = switchPause(
  'pause',
  'Pauses the recording of a call that is under way, for example while a card number is said: nothing of it is kept until resume, or the end of the time that its line allows.',
)
