import { join } from 'node:path'
import { projectRoot } from '../shared/project.js'

/** The folder of prompts that comes with Consentry. */
export const shippedPrompts = (): string => join(projectRoot(), 'prompts')
