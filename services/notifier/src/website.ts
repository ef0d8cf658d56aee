import type { Notice } from '@tocsin/events'
import { escapeHtml, oneLine, plainText, subjectOf, wireId } from './text.ts'

/** What the feeds say of a published notice; one file each beside its page. */
export interface WebsiteItem {
  id: string
  /** Address of the page. */
  url: string
  title: string
  language: string
  text: string
  /** UTC ms. */
  publishedAt: number
}

/** Newest notices in the feeds. */
const MAX_ITEMS = 50

/** Takes a notice and the public address of the page of notices; gives the item. */
export function itemOf(notice: Notice, base: string): WebsiteItem {
  const id = wireId(notice.noticeId)
  return {
    id,
    url: `${base.replace(/\/$/, '')}/${id}.html`,
    title: subjectOf(notice),
    language: oneLine(notice.language, 16),
    text: plainText(notice.body).trimEnd(),
    publishedAt: notice.createdAt,
  }
}

/** The page of one notice; nothing is loaded from elsewhere. `signature`: name of the file with its signature, if there is one. */
export function noticePage(item: WebsiteItem, signature: string | null): string {
  const at = new Date(item.publishedAt).toISOString()
  const proof =
    signature === null ? '' : `<p><a href="${escapeHtml(signature)}">${escapeHtml(signature)}</a> (CMS, RFC 5652)</p>`
  return `<!doctype html>
<html lang="${escapeHtml(item.language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(item.title)}</title>
<link rel="alternate" type="application/atom+xml" href="feed.atom"><link rel="alternate" type="application/feed+json" href="feed.json">
<style>body { font: 1rem/1.6 "Noto Sans", "Noto Sans TC", sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff }
h1 { font-size: 1.4rem; line-height: 1.3 } time, p { color: #444 } article div { white-space: pre-wrap }</style></head>
<body><article><h1>${escapeHtml(item.title)}</h1><p><time datetime="${at}">${at}</time></p>
<div>${escapeHtml(item.text)}</div></article>${proof}</body></html>
`
}

/** The newest notices as Atom (RFC 4287). */
export function atomFeed(items: readonly WebsiteItem[], base: string): string {
  const newest = newestOf(items)
  const updated = new Date(newest[0]?.publishedAt ?? 0).toISOString()
  const entries = newest.map(
    (
      item,
    ) => `<entry xml:lang="${escapeHtml(item.language)}"><id>${escapeHtml(item.url)}</id><title>${escapeHtml(item.title)}</title>
<updated>${new Date(item.publishedAt).toISOString()}</updated><link href="${escapeHtml(item.url)}"/><content type="text">${escapeHtml(item.text)}</content></entry>`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>${escapeHtml(base)}</id><title>Tocsin</title><updated>${updated}</updated><author><name>Tocsin</name></author>
<link rel="self" href="${escapeHtml(`${base.replace(/\/$/, '')}/feed.atom`)}"/>
${entries.join('\n')}
</feed>
`
}

/** The same as JSON Feed 1.1. */
export function jsonFeed(items: readonly WebsiteItem[], base: string): string {
  const feed = {
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Tocsin',
    home_page_url: base,
    feed_url: `${base.replace(/\/$/, '')}/feed.json`,
    items: newestOf(items).map(({ id, url, title, language, text, publishedAt }) => ({
      id,
      url,
      title,
      language,
      content_text: text,
      date_published: new Date(publishedAt).toISOString(),
    })),
  }
  return `${JSON.stringify(feed, null, 2)}\n`
}

function newestOf(items: readonly WebsiteItem[]): WebsiteItem[] {
  return items.toSorted((a, b) => b.publishedAt - a.publishedAt || (a.id < b.id ? -1 : 1)).slice(0, MAX_ITEMS)
}
