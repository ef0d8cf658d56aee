import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Letters of four of our languages; Chinese comes from the machine's Noto Sans CJK. */
const SUBSETS = ['latin', 'latin-ext', 'vietnamese', 'cyrillic', 'cyrillic-ext']
const WEIGHTS = [400, 700]

let faces: string | undefined

/** Noto Sans (SIL OFL 1.1) from npm as `@font-face` rules with the font inside, so that a PDF looks alike everywhere. */
export function fontFaces(): string {
  faces ??= WEIGHTS.flatMap((weight) => SUBSETS.map((subset) => faceOf(subset, weight))).join('\n')
  return faces
}

function faceOf(subset: string, weight: number): string {
  const folder = dirname(createRequire(import.meta.url).resolve('@fontsource/noto-sans/package.json'))
  const file = readFileSync(join(folder, 'files', `noto-sans-${subset}-${weight}-normal.woff2`)).toString('base64')
  const ranges = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8')) as Record<string, string>
  const range = ranges[subset] ?? 'U+0-10FFFF'
  return `@font-face{font-family:"Noto Sans";font-weight:${weight};src:url(data:font/woff2;base64,${file}) format("woff2");unicode-range:${range}}`
}
