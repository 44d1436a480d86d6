import { switchPause } from './switch-pause.js'

export const command = switchPause('resume', 'Lets a paused recording go on.')
