import type { Command } from '@tocsin/runtime'
import { auditVerify } from './adapters/audit-command.ts'
import { clockAdvance, clocksPacks, clocksSimulate, clocksVerify } from './adapters/clock-commands.ts'
import { incident } from './adapters/incident-command.ts'
import { request } from './adapters/request-command.ts'

/** The part of the command line that belongs to incidents and clocks. */
export const commands: Command[] = [
  incident,
  request,
  clocksSimulate,
  clocksVerify,
  clocksPacks,
  clockAdvance,
  auditVerify,
]
