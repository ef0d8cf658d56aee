import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './places.ts'

/** Something that `tocsin up` does once per start, in order: one command of `tocsin`, run against the new stack. */
export interface Step {
  /** The words after `tocsin`. */
  args: readonly string[]
  /** A file or folder of the project without which the step has nothing to do. */
  needs?: string
}

/** After Kafka, the registry and Elasticsearch are ready, before any service starts. */
export const beforeServices: readonly Step[] = [
  { args: ['topics', 'apply'], needs: 'deploy/topics/topics.yaml' },
  { args: ['schemas', 'register'], needs: 'schemas' },
  { args: ['registry', 'import', 'deploy/registry'], needs: 'deploy/registry' },
  {
    args: ['intel', 'import', 'deploy/registry/indicators.csv', '--feed', 'embedded'],
    needs: 'deploy/registry/indicators.csv',
  },
  { args: ['rules', 'publish'], needs: 'rules' },
]

/** After every service is ready. */
export const afterServices: readonly Step[] = []

/** True when the project holds what the step works on. */
export function isApplicable(step: Step): boolean {
  return step.needs === undefined || existsSync(join(projectRoot, step.needs))
}
