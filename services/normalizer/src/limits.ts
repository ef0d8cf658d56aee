/** Bounds of one event; what goes beyond is cut and said in `tocsin.quality`. Issue 3 point 4 and design.md §2.5. */
export const limits = {
  /** Characters of a line that are looked at and kept as `message`; the octets stay whole in the raw block. */
  maxMessageChars: 262_144,
  maxFields: 512,
  maxPairs: 512,
  maxDepth: 16,
  maxValueChars: 32_768,
  maxKeyChars: 256,
  maxListItems: 64,
  /** Characters and columns of a line of columns without names. */
  maxColumnsChars: 16_384,
  maxColumns: 128,
} as const
