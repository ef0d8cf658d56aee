import type { Command } from '@tocsin/runtime'
import { registryImport } from './registry/command.ts'

/** Commands of the console's half of the registry. */
export const commands: Command[] = [registryImport]
