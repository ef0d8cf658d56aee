import { emit, type Output, type StageDefinition } from '@tocsin/stage'
import { CoverageDesk, type Told } from './coverage-desk.ts'
import type { Rhythm } from './rhythm.ts'
import { SourceWatch } from './source-watch.ts'
import type { SourceWorld } from './source-world.ts'
import type { Watched } from './watched.ts'

/** One partition looks at what spans partitions. */
const DESK_PARTITION = 0
const TICK_MS = 1_000

/**
 * Source health: counts of the door and skews of the normalizer in, states, outages, coverage and health events out. Keyed
 * by source, so that one worker knows all of a source.
 */
export function watchSources(world: SourceWorld): StageDefinition<'source-counts'> {
  return {
    name: 'reporter.sources',
    inputs: ['source-counts'],
    stores: ['watched', 'rhythms', 'coverage'],
    tickMs: TICK_MS,
    create: (task) => {
      const watch = new SourceWatch(
        task.store<Watched>('watched'),
        task.store<Rhythm>('rhythms'),
        world,
        task.partition,
      )
      const desk = task.partition === DESK_PARTITION ? new CoverageDesk(task.store<Told>('coverage'), world) : null
      return {
        process: ({ value }, nowMs) => emit(...watch.take(value, nowMs)),
        tick: (nowMs): Output[] => [...watch.tick(nowMs), ...(desk?.tick(nowMs) ?? [])],
      }
    },
  }
}
