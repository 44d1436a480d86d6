export { upperBound } from '../../../src/shared/upper-bound.js'
