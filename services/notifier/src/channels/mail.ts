import MailComposer from 'nodemailer/lib/mail-composer'
import { type Channel, failed, type MailTransport, type Message } from '../channel.ts'
import type { Signer } from '../smime.ts'
import { bodyOf, confirmWords, escapeHtml, oneLine, sha256, subjectOf, wireId } from '../text.ts'
import { protectedMail } from './protected-mail.ts'

/** Addresses that we send to: one mailbox, no comment, no list, nothing that ends a header (RFC 5321 4.1.2, narrowed). */
const MAILBOX = /^[^\s@<>()[\],;:\\"\p{Cc}]{1,64}@[\p{L}\p{N}.-]{1,253}$/u

/** Settings of the channel. `acceptedMeans`: what the server's 250 proves. */
export interface MailOptions {
  from: string
  acceptedMeans: 'delivered' | 'sent'
  /** Name of the server, so that attempts at it share its places. */
  server: string
  transport: MailTransport | null
  /** Who signs; null: mail is not signed. */
  signer: Signer | null
}

/**
 * Mail by SMTP, signed where there is a signer and encrypted where the contact has a certificate: then never in clear. Every attempt at a notice has the same Message-ID; one that may have arrived before is sent again
 * with a mark.
 */
export function mailChannel(options: MailOptions): Channel {
  return {
    name: 'mail',
    addressOf: (contact) => (contact.email !== null && MAILBOX.test(contact.email) ? contact.email : null),
    targetOf: () => `mail ${options.server}`,
    mask: (address) => address.replace(/^(.)[^@]*/u, '$1***'),
    async send(message, signal) {
      const { transport } = options
      if (transport === null) return failed('retrying', 'channel_not_configured', null)
      const octets = await protectedMail(await composeMail(message, options.from), {
        signer: options.signer,
        certificate: message.certificate,
        outerSubject: `Tocsin ${wireId(message.notice.noticeId).slice(0, 12)}`,
        id: wireId(message.notice.noticeId),
        atMs: message.startedAt,
      })
      const sent = { sha256: sha256(octets), bytes: octets.length }
      const answer = await transport.send({ from: options.from, to: message.address }, octets, signal)
      if (!answer.ok) {
        const result = failed(answer.permanent ? 'refused' : 'retrying', answer.code, answer.reply, sent)
        return answer.doubtful ? { ...result, doubtful: true } : result
      }
      return {
        state: options.acceptedMeans,
        reply: answer.reply,
        proof: `SMTP ${answer.reply}`,
        errorCode: null,
        ...sent,
      }
    },
  }
}

/** Takes a message and the sender; gives the mail (RFC 5322, MIME) in plain text and HTML. */
export async function composeMail(
  { notice, receiver, address, resend, receiptLink }: Message,
  from: string,
): Promise<Buffer> {
  const id = wireId(notice.noticeId)
  const subject = subjectOf(notice)
  const body = bodyOf(notice, resend)
  const confirm = receiptLink === null ? null : { words: confirmWords(notice.language), link: receiptLink }
  const foot = footOf(notice.attachments, id)
  const composer = new MailComposer({
    from,
    to: { name: oneLine(receiver, 80), address },
    subject,
    date: new Date(notice.createdAt),
    messageId: `<notice.${id}@${domainOf(from)}>`,
    text: `${body.trimEnd()}\n\n${confirm === null ? '' : `${confirm.words} ${confirm.link}\n\n`}-- \n${foot.join('\n')}\n`,
    html: htmlOf(notice.language, subject, body, foot, confirm),
    headers: {
      'X-Tocsin-Notice-Id': id,
      ...(resend ? { 'X-Tocsin-Resend': 'yes' } : {}),
      'X-Tocsin-Exercise': notice.exercise ? 'yes' : 'no',
      // RFC 3834: nobody's holiday answer comes back to us.
      'Auto-Submitted': 'auto-generated',
    },
    baseBoundary: id,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

interface Confirm {
  words: string
  link: string
}

function footOf(attachments: readonly string[], id: string): string[] {
  return [...attachments.slice(0, 50).map((reference) => oneLine(reference, 300)), `Tocsin ${id}`]
}

function domainOf(from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?$/.exec(from)?.[1]
  return domain ?? 'localhost'
}

function htmlOf(
  language: string,
  subject: string,
  body: string,
  foot: readonly string[],
  confirm: Confirm | null,
): string {
  const lang = escapeHtml(oneLine(language, 16))
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body style="font-family:sans-serif">
<h1 style="font-size:1.1em">${escapeHtml(subject)}</h1>
<div style="white-space:pre-wrap">${escapeHtml(body.trimEnd())}</div>
${confirm === null ? '' : `<p><a href="${escapeHtml(confirm.link)}">${escapeHtml(confirm.words.replace(/[:：]$/, ''))}</a></p>\n`}<p style="color:#555;font-size:.85em">${foot.map(escapeHtml).join('<br>')}</p>
</body></html>`
}
