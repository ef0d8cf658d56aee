const PATHS = {
  bell: 'M12 3a1.200 1.200 0 0 1 1.200 1.200v.6A5.600 5.600 0 0 1 17.600 10.300v3.400l1.700 2.800a.8.8 0 0 1-.7 1.200H5.400a.8.8 0 0 1-.7-1.200l1.700-2.800v-3.400A5.600 5.600 0 0 1 10.800 4.800v-.600A1.200 1.200 0 0 1 12 3zm-2.200 16h4.400a2.200 2.200 0 0 1-4.400 0z',
  critical: 'M8 2h8l6 6v8l-6 6H8l-6-6V8zm3 4v8h2V6zm0 10v2h2v-2z',
  high: 'M12 3 23 21H1zm-1 6v6h2V9zm0 8v2h2v-2z',
  medium: 'M12 2 22 12 12 22 2 12zm-1 5v6h2V7zm0 8v2h2v-2z',
  low: 'M12 21 2 5h20zm0-4 6.300-10H5.700z',
  informational: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20zm0 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm-1 7h2v6h-2zm0-4h2v2h-2z',
  running:
    'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20zm0 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm-1 2h2v5.400l4 2.300-1 1.700-5-2.900z',
  soon: 'M6 2h12v4l-4.500 6 4.500 6v4H6v-4l4.500-6L6 6zm2 2v1.300L12 10.700l4-5.400V4z',
  breached: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20zm-1 5v7h2V7zm0 9v2h2v-2z',
  met: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20zm-1.500 14.500 7.200-7.200-1.400-1.400-5.800 5.800-2.800-2.800-1.400 1.400z',
  cancelled:
    'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20zm0 2a8 8 0 0 0-6.300 12.900L16.900 5.700A8 8 0 0 0 12 4zm6.300 3.100L7.100 18.300A8 8 0 0 0 18.300 7.100z',
  back: 'M14.500 4 16 5.500 9.500 12l6.500 6.500-1.500 1.500-8-8z',
} as const

export type IconName = keyof typeof PATHS

/** A shape beside a word: never alone, so it is hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path fillRule="evenodd" d={PATHS[name]} />
    </svg>
  )
}
