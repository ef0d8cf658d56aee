import { z } from 'zod'

/** The normalizer has no settings of its own: how a source is read stands in the registry. */
export const settings = z.object({})
