import { Framer } from '../framing.ts'
import type { StreamProtocol } from './stream-reader.ts'

/** Syslog over a stream (RFC 6587, RFC 5425): both framings, no answers. */
export const syslogReader: StreamProtocol = (context) => {
  const { listener, transport, address, certificateSubject, intake, maxFrameBytes, peerPort } = context
  const session = intake.session({ listener, transport, address, certificateSubject })
  let frames = 0
  const framer = new Framer((octets, truncatedBytes, framing) => {
    frames += 1
    intake.frame(session, octets, truncatedBytes, framing, peerPort)
  }, maxFrameBytes)
  return {
    get sourceId() {
      return session.verdict.kind === 'admitted' ? session.verdict.sourceId : null
    },
    get unfinished() {
      return framer.unfinished
    },
    push(chunk) {
      frames = 0
      framer.push(chunk)
      return frames
    },
    end() {
      framer.end()
      intake.endSession(session)
    },
  }
}
