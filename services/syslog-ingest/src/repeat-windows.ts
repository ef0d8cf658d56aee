import { hash } from 'node:crypto'

/** Frames of a session that are remembered: above the window of senders (librelp has 128). */
export const WINDOW_FRAMES = 2_048
/** Sessions that are remembered; beyond it the oldest is forgotten. */
const SESSIONS_MAX = 4_096

/** Earlier sessions of one sender that are looked at: what bounds the work of a sender that breaks every session. */
const EARLIER_MAX = 8

/** What one session has handed to Kafka last: a number for each frame. */
export interface SessionWindow {
  /** Who sent: source, address, certificate. */
  sender: string
  session: number
  frames: number[]
  /** The session has not ended yet, as far as we know. */
  live: boolean
}

/** Where windows are written down, so that they outlive the process. */
export interface WindowJournal {
  /** Frames of a session that go to Kafka next. */
  sending(sender: string, session: number, frames: readonly number[]): void
  /** The session has ended well: its sender repeats nothing. */
  ended(session: number): void
}

/**
 * Recognises frames that a sender repeats after a broken session (RELP and Beats: a sender that saw no answer sends
 * again, and Kafka may have the frame). They have no id across sessions, so equal octets within the last window are
 * taken for a possible repeat: marked and counted, never removed (design.md 2.3).
 */
export class RepeatWindows {
  readonly #journal: WindowJournal
  readonly #windows = new Map<number, SessionWindow>()
  #nextSession = 1

  /** `left` is what the journal holds of the process before. */
  constructor(journal: WindowJournal, left: readonly SessionWindow[] = []) {
    this.#journal = journal
    for (const window of left) {
      this.#windows.set(window.session, window)
      this.#nextSession = Math.max(this.#nextSession, window.session + 1)
    }
  }

  /** Begins a session of a sender. */
  begin(sender: string): RepeatWatch {
    const known = [...this.#windows.values()].filter((window) => window.sender === sender)
    const earlier = known.slice(-EARLIER_MAX)
    for (const { session, live } of known.slice(0, -EARLIER_MAX)) if (!live) this.#forget(session)
    const window: SessionWindow = { sender, session: this.#nextSession++, frames: [], live: true }
    this.#windows.set(window.session, window)
    const [oldest] = this.#windows.keys()
    if (this.#windows.size > SESSIONS_MAX && oldest !== undefined) this.#forget(oldest)
    return new RepeatWatch(window, earlier, {
      journal: this.#journal,
      forget: (session) => this.#forget(session),
    })
  }

  /** All windows as they stand, oldest first. */
  snapshot(): SessionWindow[] {
    return [...this.#windows.values()]
  }

  #forget(session: number): void {
    if (this.#windows.delete(session)) this.#journal.ended(session)
  }
}

/** The watch over one session. */
export class RepeatWatch {
  readonly #window: SessionWindow
  readonly #owner: { journal: WindowJournal; forget: (session: number) => void }
  readonly #earlier: readonly SessionWindow[]
  #candidates: Map<number, number> | null = null
  #looked = 0
  #unwritten: number[] = []

  constructor(
    window: SessionWindow,
    earlier: readonly SessionWindow[],
    owner: { journal: WindowJournal; forget: (session: number) => void },
  ) {
    this.#window = window
    this.#owner = owner
    this.#earlier = earlier
    for (const { frames } of earlier) for (const frame of frames) this.#candidate(frame)
  }

  /** Takes the octets of the next frame; gives true when an earlier session may have handed in the same frame. */
  seen(octets: Buffer): boolean {
    const frame = numberOf(octets)
    this.#window.frames.push(frame)
    this.#unwritten.push(frame)
    if (this.#window.frames.length >= 2 * WINDOW_FRAMES) this.#window.frames.splice(0, WINDOW_FRAMES)
    return this.#candidates !== null && this.#isRepeat(frame)
  }

  /** To be called before the frames seen so far go to Kafka: after a crash they must be known. */
  sending(): void {
    if (this.#unwritten.length === 0) return
    this.#owner.journal.sending(this.#window.sender, this.#window.session, this.#unwritten)
    this.#unwritten = []
  }

  /** The connection is gone. `well`: the sender has said goodbye and has all answers, so it repeats nothing. */
  ended(well: boolean): void {
    this.#window.live = false
    if (well) this.#owner.forget(this.#window.session)
  }

  #candidate(frame: number): void {
    this.#candidates ??= new Map()
    this.#candidates.set(frame, (this.#candidates.get(frame) ?? 0) + 1)
  }

  #isRepeat(frame: number): boolean {
    const candidates = this.#candidates as Map<number, number>
    const left = candidates.get(frame) ?? 0
    if (left === 1) candidates.delete(frame)
    else if (left > 1) candidates.set(frame, left - 1)
    this.#looked += 1
    // Repeats come first. Whoever has sent a whole window has nothing left to repeat.
    if (candidates.size === 0 || this.#looked > 2 * WINDOW_FRAMES) {
      this.#candidates = null
      // One that still seems live may be half-open or a second connection of the sender: its window stays.
      for (const { session, live } of this.#earlier) if (!live) this.#owner.forget(session)
    }
    return left > 0
  }
}

/** 48 bits of SHA-256: a number that stays exact. */
const numberOf = (octets: Buffer): number => hash('sha256', octets, 'buffer').readUIntBE(0, 6)
