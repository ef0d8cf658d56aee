import type { MouseEvent, ReactNode } from 'react'
import { usePage } from '../context.ts'

interface LinkProps {
  to: string
  children: ReactNode
  className?: string
  current?: boolean
}

/** A link within the page; a middle click or a modifier opens it as any other link. */
export function Link({ to, children, className, current = false }: LinkProps) {
  const { go } = usePage()
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return (
    <a href={to} className={className} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  )
}
