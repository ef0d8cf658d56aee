import type { Channel, HttpPost, MailTransport, WebsiteFolder } from '../channel.ts'
import type { Settings } from '../config.ts'
import type { Signer } from '../smime.ts'
import { chatChannel, telegramChannel } from './chat.ts'
import { consoleChannel } from './console.ts'
import { mailChannel } from './mail.ts'
import { smsChannel } from './sms.ts'
import { CARD_CHANNELS, taskCardChannel } from './task-card.ts'
import { webhookChannel } from './webhook.ts'
import { websiteChannel } from './website.ts'

/** The wires of the shell. */
export interface Wires {
  mail: MailTransport | null
  signer: Signer | null
  website: WebsiteFolder | null
  post: HttpPost
  httpsOnly: boolean
}

/** Every channel, in the order tried where neither the notice nor the contact says otherwise. One more: one file and one line. */
export function channelsOf(config: Settings, { mail, signer, website, post, httpsOnly }: Wires): readonly Channel[] {
  return [
    mailChannel({
      from: config.smtpFrom,
      acceptedMeans: config.smtpProof,
      server: `${config.smtpHost ?? ''}:${config.smtpPort}`,
      transport: mail,
      signer,
    }),
    webhookChannel({ secret: config.webhookSecret, httpsOnly, post }),
    smsChannel({ url: config.smsUrl, token: config.smsToken, post }),
    chatChannel({ httpsOnly, post }),
    telegramChannel({ url: config.telegramUrl, token: config.telegramToken, post }),
    ...CARD_CHANNELS.map(taskCardChannel),
    websiteChannel({ folder: website, signer }),
    consoleChannel,
  ]
}
