export { command } from '../lab/lab-command.js'
