export { command } from './lab-command.js'
