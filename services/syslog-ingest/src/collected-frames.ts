import type { Admission, Sender, Verdict } from './admission.ts'
import type { FrameMarks } from './blocks.ts'
import type { CollectedFrame } from './collected-frame.ts'
import { CollectorPositions, decideOrigin } from './collector-origins.ts'
import type { Framing } from './framing.ts'
import type { Session, SessionHooks } from './session.ts'

/** Devices of one collector that have a block of their own at a time. */
const DEVICES_MAX = 1_000

type Admitted = Verdict & { kind: 'admitted' }

/** What the intake does for lines of collectors. */
export interface CollectedFramesParts {
  admission: () => Admission
  nowMs: () => number
  newSession: (sender: Sender, hooks: SessionHooks | null, verdict: Verdict) => Session
  /** Puts a frame into the session's block; false where it is refused. */
  put: (session: Session, octets: Buffer, truncatedBytes: number, framing: Framing, marks: FrameMarks) => boolean
  /** Closes the session's block. */
  close: (session: Session) => void
  /** Closes every block; resolves when all that was taken so far is in Kafka. */
  settle: () => Promise<unknown>
  repeated: (listener: string) => void
  gap: (own: Admitted, collectorId: string, seq: number, missing: number) => void
}

/** Sessions of the devices behind one collector's session. */
interface Devices {
  byOrigin: Map<string, Session>
  /** Of each source, the device that was heard last. */
  last: Map<string, Session>
}

/** The lines that collectors forward (design.md 2.3): once, under the source of the device behind, with its time there. */
export class CollectedFrames {
  readonly #parts: CollectedFramesParts
  readonly #positions = new CollectorPositions()
  readonly #devices = new WeakMap<Session, Devices>()

  constructor(parts: CollectedFramesParts) {
    this.#parts = parts
  }

  /** Takes a line of an admitted collector. Also a line that is refused or known is answered: it must not come for ever. */
  take(session: Session, own: Admitted, frame: CollectedFrame, cutBytes: number, { receipt }: FrameMarks): void {
    const { repeated, gap, put, nowMs } = this.#parts
    // The registered source is part of the id, so that no collector can take up another's numbers.
    const collectorId = `${own.sourceId}/${frame.collectorId}`
    const missing = this.#positions.take(collectorId, frame.seq)
    if (missing === 'repeat') {
      repeated(session.sender.listener)
      this.#answerWhenSettled(session, receipt)
      return
    }
    if (missing > 0) gap(own, collectorId, frame.seq, missing)
    const device = this.#deviceOf(session, own, frame)
    const taken = put(device, frame.octets, frame.truncatedBytes + cutBytes, frame.framing as Framing, {
      ...(receipt === undefined ? {} : { receipt }),
      possibleRepeat: frame.possibleRepeat,
      collectorId,
      collectorSeq: frame.seq,
      // A collector whose clock runs ahead must not pull ours (design.md 2.4).
      receivedAtMs: Math.min(frame.receivedAtMs, nowMs()),
    })
    if (!taken && receipt !== undefined) session.hooks?.accepted([receipt])
  }

  /** The collector's session ends, or is decided anew: closes the blocks of all its devices. */
  end(session: Session): void {
    for (const device of this.#devices.get(session)?.byOrigin.values() ?? []) this.#parts.close(device)
    this.#devices.delete(session)
  }

  #deviceOf(session: Session, own: Admitted, frame: CollectedFrame): Session {
    const { admission, nowMs, newSession } = this.#parts
    const { sender, hooks } = session
    const origin = `${frame.input} ${frame.address}`
    if ((this.#devices.get(session)?.byOrigin.size ?? 0) >= DEVICES_MAX) this.end(session)
    const devices = this.#devices.get(session) ?? { byOrigin: new Map(), last: new Map() }
    this.#devices.set(session, devices)
    let device = devices.byOrigin.get(origin)
    if (device === undefined) {
      const verdict = decideOrigin(admission(), sender, own, frame, nowMs())
      device = newSession({ ...sender, address: frame.address ?? sender.address }, hooks, verdict)
      devices.byOrigin.set(origin, device)
    }
    this.#keepOrder(devices, device)
    return device
  }

  /**
   * The lines of a collector reach Kafka in their order for each source, because the normalizer knows a repeat by the
   * highest number: a block of one device is closed before another of the same source is filled.
   */
  #keepOrder({ last }: Devices, device: Session): void {
    const { sourceId } = device.verdict
    const before = last.get(sourceId)
    if (before === device) return
    if (before !== undefined) this.#parts.close(before)
    last.set(sourceId, device)
  }

  /** The first copy may still be on its way to Kafka, and must be there before what comes after the repeat. */
  #answerWhenSettled(session: Session, receipt: number | undefined): void {
    const settled = this.#parts.settle()
    if (receipt === undefined) return
    settled.then(
      () => session.hooks?.accepted([receipt]),
      () => {},
    )
  }
}
