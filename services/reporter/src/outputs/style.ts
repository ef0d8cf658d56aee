/** Style of the page, on screen and on A4. No external resource is named. */
export const STYLE = `
@page { size: A4; margin: 18mm 15mm 18mm 20mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.4 "Noto Sans", "DejaVu Sans", "Noto Sans CJK TC", sans-serif; color: #111; max-width: 190mm; margin: 0 auto; padding: 6mm }
/* The right line of a table is half outside of it: the printer would cut it off. */
@media print { body { padding: 0 1px 0 0; max-width: none } }
.letterhead { display: flex; justify-content: space-between; gap: 10mm; text-align: center; font-size: 10pt }
.letterhead > div { flex: 1 }
.motto { border-bottom: 1px solid #111; padding-bottom: 1px; font-weight: 600 }
h1 { font-size: 13.5pt; text-align: center; text-wrap: balance; margin: 8mm 0 1mm; line-height: 1.3 }
.day { text-align: center; font-weight: 600; margin: 0 }
.basis { text-align: center; font-style: italic; margin: 1mm 0 4mm }
h2 { font-size: 11.5pt; margin: 6mm 0 2mm; break-after: avoid }
table { width: 100%; border-collapse: collapse; font-size: 9pt; margin: 1mm 0 }
th, td { border: 1px solid #888; padding: 1mm 1.6mm; text-align: left; vertical-align: top }
table { table-layout: fixed }
td { overflow-wrap: anywhere }
thead th, thead th.n { overflow-wrap: break-word; hyphens: auto; white-space: normal }
thead { display: table-header-group }
thead th, tfoot th, tfoot td { background: #e9eef2 }
tfoot { display: table-row-group }
tr, .whole { break-inside: avoid }
.wide { font-size: 8pt }
.wide thead th { font-size: 7pt; padding: 1mm 0.8mm }
.facts th { width: 38mm; background: #f4f6f8 }
.q { color: inherit; text-decoration: underline dotted #888 0.6px; text-underline-offset: 2px }
.empty { font-style: italic }
.queries { break-before: page; font-size: 8pt }
.queries table { font-size: 7pt }
.queries code { font-size: 6.5pt; overflow-wrap: anywhere }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.id { white-space: nowrap }
small, .note, .data { color: #444; font-size: 8.5pt }
.note { margin: 1mm 0 }
.bad { color: #9b1b30; font-weight: 700; font-style: normal }
.summary { display: grid; grid-template-columns: repeat(3, 1fr); gap: 2mm; margin-top: 4mm }
.summary div { border: 1px solid #bbb; border-radius: 1mm; padding: 1.5mm 2mm; break-inside: avoid }
.summary b { display: block; font-size: 14pt; line-height: 1.2; font-variant-numeric: tabular-nums }
.summary span { font-size: 8.5pt; color: #333 }
.summary .bad { border-color: #9b1b30; color: #9b1b30 }
figure { margin: 3mm 0 0; break-inside: avoid }
figcaption { font-size: 9pt; margin-bottom: 1mm }
.legend span { margin-left: 4mm }
.legend i { display: inline-block; width: 3mm; height: 3mm; margin-right: 1mm; border: 1px solid #555; vertical-align: -0.3mm }
.chart { width: 100%; height: auto }
.signature { display: flex; justify-content: space-between; margin-top: 10mm; break-inside: avoid; min-height: 30mm }
.signature > div:last-child { text-align: center }
.data { overflow-wrap: anywhere; border-top: 1px solid #bbb; padding-top: 1mm }
code { font-family: "DejaVu Sans Mono", monospace; font-size: 8pt }
@media print { thead th, .facts th, .legend i, rect, circle, polygon { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
`
