import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type ProcessIdentity, signalProcess } from './process-identity.ts'
import { leftProcesses, type RunState, readRunState } from './run-file.ts'

const lookEveryMs = 50
// Services, then servers, then Kafka: each group may take eleven seconds, and three seconds for the rest.
const supervisorStopMs = 36_000
const killedAfterMs = 11_000

/** Stops a stack through its supervisor, and what a dead supervisor left behind. Gives the processes that are still there. */
export async function stopStack(dataFolder: string, state: RunState): Promise<ProcessIdentity[]> {
  const { supervisor } = state
  signalProcess(supervisor, 'SIGTERM')
  await untilEnded([supervisor], supervisorStopMs)
  signalProcess(supervisor, 'SIGKILL')
  const left = await endLeftProcesses(readRunState(dataFolder) ?? state)
  sweepGroup(supervisor)
  return left
}

/** Ends the processes of a stack whose supervisor is gone: SIGTERM, then SIGKILL. Gives those that are still there. */
export async function endLeftProcesses(state: RunState): Promise<ProcessIdentity[]> {
  const left = leftProcesses(state)
  for (const identity of left) signalProcess(identity, 'SIGTERM')
  await untilEnded(left, killedAfterMs)
  for (const identity of left) signalProcess(identity, 'SIGKILL')
  await untilEnded(left, 2000)
  return left.filter(isAlive)
}

/** A service's own children (a browser, for example) are in the supervisor's process group and end with it. */
function sweepGroup(supervisor: ProcessIdentity): void {
  try {
    process.kill(-supervisor.pid, 'SIGKILL')
  } catch {
    // The group is empty, which is the usual case.
  }
}

async function untilEnded(processes: readonly ProcessIdentity[], timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (processes.some(isAlive) && performance.now() < deadlineMs) await sleep(lookEveryMs)
}
