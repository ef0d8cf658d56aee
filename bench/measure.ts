import { medianPerEvent } from './figures.ts'

/** Work of one round. */
export type Round = () => void | Promise<void>

/** CPU microseconds (user + system, all threads of this process: collector and Kafka's too) that a round takes. */
export async function cpuMicrosOf(round: Round): Promise<number> {
  const before = process.cpuUsage()
  await round()
  const used = process.cpuUsage(before)
  return used.user + used.system
}

/** How often and over how many events. */
export interface Rounds {
  /** Events of one round. */
  events: number
  rounds: number
  warmUpRounds: number
}

/** Measures one thing alone; gives microseconds per event. */
export async function measure(ours: Round, rounds: Rounds): Promise<number> {
  return (await sideBySide([ours], rounds))[0] ?? Number.NaN
}

/**
 * Measures several things in turns, round by round, so that the noise of the machine meets all of them alike. Gives the
 * median microseconds per event of each.
 */
export async function sideBySide(
  contestants: readonly Round[],
  { events, rounds, warmUpRounds }: Rounds,
): Promise<number[]> {
  const micros: number[][] = contestants.map(() => [])
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const used = await cpuMicrosOf(contestant)
      if (round >= 0) micros[index]?.push(used)
    }
  }
  return micros.map((of) => medianPerEvent(of, events))
}
