import type { z } from 'zod'
import { errorAnswer } from './schemas.ts'

/** What a route answers, described: its own schema, and how it refuses. The twin's types check the code; this tells other languages. */
export function answers(schema: z.ZodType): Record<200 | 400 | 401 | 403 | 404, z.ZodType<unknown, unknown>> {
    return { 200: schema, 400: errorAnswer, 401: errorAnswer, 403: errorAnswer, 404: errorAnswer }
}
