import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import type { FullStack } from '../support/full-stack.ts'

/** A mail as the mail server of the embedded stack took it, read by an independent parser. */
export interface Mail {
  noticeId: string
  to: readonly string[]
  subject: string
  text: string
  /** Real time at which it was kept, ms. */
  keptAtMs: number
}

const read = new Map<string, Mail>()

/** Every mail so far, in the order of receipt. */
export async function mailsOf(stack: FullStack): Promise<Mail[]> {
  const folder = join(stack.sinksFolder, 'mail')
  if (!existsSync(folder)) return []
  const mails: Mail[] = []
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name)
    const { mtimeMs, size } = statSync(file)
    const key = `${file} ${mtimeMs} ${size}`
    const mail = read.get(key) ?? (await parsed(file, mtimeMs))
    read.set(key, mail)
    mails.push(mail)
  }
  return mails
}

/** The mails of one notice. */
export async function mailsAbout(stack: FullStack, noticeId: string): Promise<Mail[]> {
  return (await mailsOf(stack)).filter((mail) => mail.noticeId === noticeId)
}

async function parsed(file: string, keptAtMs: number): Promise<Mail> {
  const mail = await PostalMime.parse(readFileSync(file))
  return {
    noticeId: mail.headers.find(({ key }) => key === 'x-tocsin-notice-id')?.value ?? '',
    to: (mail.to ?? []).map(({ address }) => address ?? ''),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    keptAtMs,
  }
}
