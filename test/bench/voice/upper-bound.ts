export { upperBound } from '../../../src/lib/upper-bound.js'
