// Must run before any schema is made: zod would try code from strings, which the policy of pages refuses.
import * as z from 'zod'

z.config({ jitless: true })
