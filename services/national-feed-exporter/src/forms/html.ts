import { type Block, BOX, type Form, printable } from './form.ts'

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string): string =>
  printable(text)
    .replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)
    .replaceAll('\n', '<br>')

const STYLE = `@page{size:A4;margin:18mm 15mm}
body{font:10.5pt/1.5 "Noto Sans","Noto Sans CJK TC",sans-serif;color:#111}
h1{font-size:15pt;text-align:center;margin:0 0 6mm}h2{font-size:11.5pt;margin:5mm 0 1.5mm}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th,td{border:.6pt solid #444;padding:1.2mm 2mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee;font-weight:600}.fields th{width:28%}thead{display:table-header-group}tr{break-inside:avoid}
.ticks{list-style:none;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:1mm 6mm}.text{border:.6pt solid #444;min-height:18mm;padding:2mm}`

/** Takes a form; gives it as one page of HTML without script or anything from elsewhere. */
export function htmlOf(form: Form): string {
  return `<!doctype html><html lang="zh-Hant"><head><meta charset="utf-8"><title>${escape(form.title)}</title><style>${STYLE}</style></head><body><h1>${escape(form.title)}</h1>${form.blocks.map(blockOf).join('')}</body></html>`
}

function blockOf(block: Block): string {
  const title = `<h2>${escape(block.title)}</h2>`
  switch (block.kind) {
    case 'fields':
      return `${title}<table class="fields">${block.rows.map(([label, value]) => `<tr><th scope="row">${escape(label)}</th><td>${escape(value)}</td></tr>`).join('')}</table>`
    case 'ticks':
      return `${title}<ul class="ticks">${block.options.map(({ label, ticked }) => `<li>${ticked ? BOX.ticked : BOX.empty} ${escape(label)}</li>`).join('')}</ul>`
    case 'table':
      return `${title}<table><thead><tr>${block.header.map((text) => `<th scope="col">${escape(text)}</th>`).join('')}</tr></thead><tbody>${block.rows.map((row) => `<tr>${row.map((text) => `<td>${escape(text)}</td>`).join('')}</tr>`).join('')}</tbody></table>`
    case 'text':
      return `${title}<div class="text">${escape(block.text)}</div>`
    default:
      return block satisfies never
  }
}
