import { ECS_FIELDS } from '@tocsin/events'

/** What values a field of our events has, for checks of rules. */
export type FieldType = 'text' | 'number' | 'address' | 'texts'

const addressNames = /(^|\.)ip$/

/** Takes an ECS name; gives the type that schemas/event.avsc gives it; null for a field of `extra`, which is text of any kind. */
export function fieldTypeOf(field: string): FieldType | null {
  if (!Object.hasOwn(ECS_FIELDS, field)) return null
  const { type } = ECS_FIELDS[field as keyof typeof ECS_FIELDS]
  if (addressNames.test(field)) return 'address'
  switch (type) {
    case 'int':
    case 'long':
    case 'double':
      return 'number'
    case 'string[]':
      return 'texts'
    case 'string':
      return 'text'
  }
}
