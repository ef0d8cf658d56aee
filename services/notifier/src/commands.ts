import type { Command } from '@tocsin/runtime'
import { noticesCard, noticesCards, noticesOutcome } from './adapters/notices-commands.ts'

/** The part of the command line that belongs to notices. */
export const commands: Command[] = [noticesCards, noticesCard, noticesOutcome]
