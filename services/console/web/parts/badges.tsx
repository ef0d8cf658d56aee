import { useTexts } from '../context.ts'
import { levelOf } from '../words.ts'
import { Icon } from './icons.tsx'

/** Severity by colour, shape and word. */
export function SeverityBadge({ severity }: { severity: number }) {
  const { t } = useTexts()
  const level = levelOf(severity)
  return (
    <span className={`severity severity-${level}`} title={`${severity} / 100`}>
      <Icon name={level} />
      {t(`severity.${level}`)}
    </span>
  )
}

export function StatusBadge({ status }: { status: string }) {
  const { word } = useTexts()
  return <span className={`badge status-${status}`}>{word('status', status)}</span>
}

export function KindBadge({ kind }: { kind: string }) {
  const { word } = useTexts()
  return <span className={`badge kind-${kind}`}>{word('kind', kind)}</span>
}
