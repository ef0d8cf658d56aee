import { z } from 'zod'

/** What a package can hold: cases, detections (warnings), events (log records), registry (systems and their technical information). */
export const INPUTS = ['cases', 'detections', 'events', 'registry'] as const
export type Input = (typeof INPUTS)[number]

/** How it is handed over, as VN-7.3 and VN-8.3c name the ways. */
export const CHANNELS = ['file', 'mail', 'website', 'dispatch', 'message', 'fax', 'telephone'] as const

/** What a competent authority asks for (VN-5.2a-2, VN-5.3i-2), or what is shared of our own accord (VN-8.2). */
export const packageRequest = z.strictObject({
  requestId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/),
  authority: z.string().min(1).max(200),
  ground: z.string().min(1).max(500),
  constituent: z.string().min(1).max(200),
  from: z.number().int(),
  to: z.number().int(),
  inputs: z.array(z.enum(INPUTS)).min(1),
  channel: z.enum(CHANNELS),
})

export type PackageRequest = Readonly<z.infer<typeof packageRequest>>

/** What a person decided about what does not leave by itself. */
export interface Decisions {
  /** Cases that nobody verified may go, their state printed (VN-8.3b). */
  unverified: boolean
  /** `Name: reason` of whoever looked at texts with a mark of secrecy and lets them go; null: nobody did (operations.md S-19). */
  secrecy: string | null
}
