import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

const maxLineChars = 4_194_304

/** Lines of a stream, split at line feeds only: JSON may hold U+2028, which other splitters take for an end of line. A longer line is cut. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line
    if (rest.length > maxLineChars) rest = rest.slice(0, maxLineChars)
  }
  if (rest.trim() !== '') yield rest
}

/** Writes lines in large pieces and waits while the reader is slower. */
export class LineWriter {
  private readonly stream: Writable
  private waiting: string[] = []
  private chars = 0

  constructor(stream: Writable) {
    this.stream = stream
  }

  async write(line: string): Promise<void> {
    this.waiting.push(line)
    this.chars += line.length
    if (this.chars > 65_536) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.waiting.length === 0) return
    const text = `${this.waiting.join('\n')}\n`
    this.waiting = []
    this.chars = 0
    if (!this.stream.write(text)) await new Promise((resolve) => this.stream.once('drain', resolve))
  }
}
