// Before any schema is made: the policy of pages refuses code from strings, and zod would try it.
import * as z from 'zod'

z.config({ jitless: true })
