import { TocsinError } from '@tocsin/runtime'
import { z } from 'zod'

/** Settings of the notifier. A channel whose settings are missing is not configured: its attempts fail loudly. */
export const settings = z.object({
  receiptUrl: z
    .url()
    .optional()
    .describe(
      'NOTIFIER_RECEIPT_URL: address of the console as receivers see it; messages then carry a link to confirm',
    ),
  receiptSecret: z
    .string()
    .min(16)
    .optional()
    .describe("NOTIFIER_RECEIPT_SECRET, or _FILE: key of the links, the console's too"),
  smtpHost: z.string().min(1).optional().describe('NOTIFIER_SMTP_HOST: mail server'),
  smtpPort: z.coerce.number().int().min(1).max(65535).default(587).describe('NOTIFIER_SMTP_PORT: its port'),
  smtpUser: z.string().optional().describe('NOTIFIER_SMTP_USER: account, where it asks for one'),
  smtpPassword: z.string().optional().describe('NOTIFIER_SMTP_PASSWORD, or NOTIFIER_SMTP_PASSWORD_FILE'),
  smtpFrom: z.string().default('tocsin@localhost').describe('NOTIFIER_SMTP_FROM: address of the sender'),
  smtpTls: z
    .enum(['none', 'starttls', 'implicit'])
    .default('starttls')
    .describe('NOTIFIER_SMTP_TLS: starttls (RFC 3207), implicit (RFC 8314), or none in the embedded profile'),
  smtpCaFile: z.string().optional().describe("NOTIFIER_SMTP_CA_FILE: authority of the mail server's certificate"),
  smtpProof: z
    .enum(['delivered', 'sent'])
    .default('delivered')
    .describe(
      'NOTIFIER_SMTP_PROOF: what a mail server that says 250 proves: delivered, or sent where it is a mere relay',
    ),
  smimeCertificateFile: z
    .string()
    .optional()
    .describe(
      'NOTIFIER_SMIME_CERTIFICATE_FILE: certificate that signs mail and website notices, then those to its authority, PEM',
    ),
  smimeKeyFile: z.string().optional().describe('NOTIFIER_SMIME_KEY_FILE: its key, PEM'),
  webhookSecret: z.string().min(16).optional().describe('NOTIFIER_WEBHOOK_SECRET, or _FILE: key of the signature'),
  telegramUrl: z
    .url()
    .default('https://api.telegram.org')
    .describe('NOTIFIER_TELEGRAM_URL: Bot API of Telegram, or a server that speaks it'),
  telegramToken: z.string().optional().describe('NOTIFIER_TELEGRAM_TOKEN, or _FILE: token of the bot'),
  websiteFolder: z
    .string()
    .optional()
    .describe('NOTIFIER_WEBSITE_FOLDER: folder of pages and feeds for the public, shown by a web server'),
  httpAllow: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .describe('NOTIFIER_HTTP_ALLOW: networks that are not public and may be posted to all the same, with commas'),
  smsUrl: z.url().optional().describe('NOTIFIER_SMS_URL: HTTP gateway for short messages'),
  smsToken: z.string().optional().describe('NOTIFIER_SMS_TOKEN, or _FILE: bearer token of the gateway'),
})

export type Settings = z.infer<typeof settings>

/** Rules between settings: production never sends in clear. Throws `TocsinError('bad_settings')`. */
export function checkSettings(config: Settings & { profile: 'embedded' | 'production' }): void {
  const problems: string[] = []
  if (config.profile === 'production') {
    if (config.smtpHost !== undefined && config.smtpTls === 'none')
      problems.push('NOTIFIER_SMTP_TLS: production needs starttls or implicit')
    if (config.smsUrl !== undefined && !config.smsUrl.startsWith('https:'))
      problems.push('NOTIFIER_SMS_URL: production needs https')
  }
  if (config.profile === 'production' && !config.telegramUrl.startsWith('https:'))
    problems.push('NOTIFIER_TELEGRAM_URL: production needs https')
  if ((config.smtpUser === undefined) !== (config.smtpPassword === undefined))
    problems.push('NOTIFIER_SMTP_USER and NOTIFIER_SMTP_PASSWORD: give both or neither')
  if ((config.smimeCertificateFile === undefined) !== (config.smimeKeyFile === undefined))
    problems.push('NOTIFIER_SMIME_CERTIFICATE_FILE and NOTIFIER_SMIME_KEY_FILE: give both or neither')
  if ((config.receiptUrl === undefined) !== (config.receiptSecret === undefined))
    problems.push('NOTIFIER_RECEIPT_URL and NOTIFIER_RECEIPT_SECRET: give both or neither')
  if (problems.length > 0)
    throw new TocsinError('bad_settings', `The settings of the notifier are wrong: ${problems.join('; ')}.`)
}
