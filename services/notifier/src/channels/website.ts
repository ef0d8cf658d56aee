import { messageOf } from '@tocsin/runtime'
import { type Channel, failed, type WebsiteFolder } from '../channel.ts'
import { detachedSignature, type Signer } from '../smime.ts'
import { sha256 } from '../text.ts'
import { atomFeed, itemOf, jsonFeed, noticePage } from '../website.ts'
import { isAllowed } from './http-address.ts'

/** Settings of the channel; without a folder nothing is published. */
export interface WebsiteOptions {
  folder: WebsiteFolder | null
  /** Signs each page; null: pages are not signed. */
  signer: Signer | null
}

/**
 * A notice to the public: a page of its own with a signature beside it, and the two feeds (VN-8.3c). Only what is marked CLEAR is
 * published. Published again it is the same page, so a repeat has no effect.
 */
export function websiteChannel({ folder, signer }: WebsiteOptions): Channel {
  return {
    name: 'website',
    addressOf: ({ addresses }) =>
      addresses['website'] !== undefined && isAllowed(addresses['website'], false) ? addresses['website'] : null,
    targetOf: () => 'website',
    mask: (address) => address,
    async send({ notice, address }) {
      if (folder === null) return failed('retrying', 'channel_not_configured', null)
      if (!/(clear|white)$/i.test(notice.tlp))
        return failed('refused', 'not_public', `The notice is marked ${notice.tlp}; only CLEAR is published.`)
      const item = itemOf(notice, address)
      const signature = signer === null ? null : `${item.id}.html.p7s`
      const page = noticePage(item, signature)
      try {
        if (signer !== null && signature !== null)
          await folder.write(signature, await detachedSignature(Buffer.from(page), signer, notice.createdAt))
        await folder.write(`${item.id}.html`, page)
        await folder.keep(item, (items) => ({
          'feed.atom': atomFeed(items, address),
          'feed.json': jsonFeed(items, address),
        }))
      } catch (error) {
        return failed('retrying', 'website_unwritable', messageOf(error))
      }
      const bytes = Buffer.byteLength(page)
      return {
        state: 'sent',
        reply: null,
        proof: `published ${item.url}`,
        errorCode: null,
        sha256: sha256(page),
        bytes,
      }
    },
  }
}
