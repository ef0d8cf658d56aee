import { type ReactNode, useId } from 'react'

interface SectionProps {
  title: string
  note?: string
  children: ReactNode
}

export function Section({ title, note, children }: SectionProps) {
  const id = useId()
  return (
    <section className="section" aria-labelledby={id}>
      <h2 id={id}>
        {title}
        {note === undefined ? null : <span className="muted small">{note}</span>}
      </h2>
      {children}
    </section>
  )
}
