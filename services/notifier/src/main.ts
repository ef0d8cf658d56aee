import { readFileSync } from 'node:fs'
import { receiptToken } from '@tocsin/obligations'
import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { httpPost } from './adapters/http.ts'
import { LOOPBACK } from './adapters/public-address.ts'
import { smtpTransport } from './adapters/smtp.ts'
import { openWebsiteFolder } from './adapters/website-folder.ts'
import { channelsOf } from './channels/index.ts'
import { CommitGate } from './commit-gate.ts'
import { checkSettings, type Settings, settings } from './config.ts'
import { Dispatcher } from './dispatcher.ts'
import { type NotifierParts, notifier } from './notifier.ts'
import { SERVICE } from './records.ts'
import { loadSigner } from './smime.ts'

await runService(SERVICE, settings, async (context) => {
  const { config, clock, log, metrics } = context
  checkSettings(config)
  const { smtpHost, smtpPort, smtpTls, smtpUser, smtpPassword, smtpCaFile, smimeCertificateFile, smimeKeyFile } = config
  const mail =
    smtpHost === undefined
      ? null
      : smtpTransport({
          host: smtpHost,
          port: smtpPort,
          tls: smtpTls,
          ca: smtpCaFile === undefined ? undefined : readFileSync(smtpCaFile, 'utf8'),
          login:
            smtpUser === undefined || smtpPassword === undefined ? null : { user: smtpUser, password: smtpPassword },
        })
  const signer =
    smimeCertificateFile === undefined || smimeKeyFile === undefined
      ? null
      : await loadSigner(readFileSync(smimeCertificateFile, 'utf8'), readFileSync(smimeKeyFile, 'utf8'))
  const website = config.websiteFolder === undefined ? null : await openWebsiteFolder(config.websiteFolder)
  const post = httpPost([...(config.profile === 'embedded' ? LOOPBACK : []), ...config.httpAllow])
  const channels = channelsOf(config, { mail, signer, website, post, httpsOnly: config.profile === 'production' })
  const configured = {
    mail: mail !== null,
    webhook: config.webhookSecret !== undefined,
    sms: config.smsUrl !== undefined,
    website: website !== null,
    telegram: config.telegramToken !== undefined,
  }
  log.info({ channels: configured }, 'channels')

  const kafka = await openKafka(context)
  const contacts = await kafka.table('registry-contacts')
  const dispatcher = new Dispatcher()
  const attempts = metrics.counter('tocsin_delivery_attempts_total', 'Attempts to deliver notices', [
    'channel',
    'state',
  ])
  const onAttempt = (channel: string, state: string) => attempts.inc({ channel, state })
  const commits = new CommitGate()
  await kafka.runStage(notifier({ contacts, channels, dispatcher, commits, clock, onAttempt, ...receiptsOf(config) }), {
    onTransaction: (phase) => commits.onTransaction(phase),
  })
})

function receiptsOf({ receiptUrl, receiptSecret }: Settings): Pick<NotifierParts, 'receiptLink'> {
  if (receiptUrl === undefined || receiptSecret === undefined) return {}
  const base = receiptUrl.replace(/\/$/, '')
  return { receiptLink: (notice, contactId) => `${base}/received?t=${receiptToken(notice, contactId, receiptSecret)}` }
}
