import type { Parser } from '../parser.ts'

/** The formats, in the order tried; the first that recognises and reads a line has it. Nothing registers itself elsewhere. */
export const parsers: readonly Parser[] = []
