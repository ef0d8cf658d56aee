import type { Language } from '@tocsin/events/languages'
import { usePage, useTexts } from '../context.ts'
import { PAGES } from '../pages/index.ts'
import { useNow } from '../server-time.ts'
import { utcText } from '../time-text.ts'
import { Icon } from './icons.tsx'
import { LanguageChoice } from './language-choice.tsx'
import { Link } from './link.tsx'
import { LiveMark } from './live-mark.tsx'

interface HeaderProps {
  choose: (language: Language) => void
  signOut: () => void
  path: string
}

/** Head of every page: where one is, whether it is live, whose desk it is. */
export function Header({ choose, signOut, path }: HeaderProps) {
  const { t, language } = useTexts()
  const { account } = usePage()
  return (
    <header className="header">
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <Link to="/" className="brand">
        <Icon name="bell" />
        <span>Tocsin</span>
      </Link>
      <nav>
        {PAGES.map(({ path: to, navigation }) =>
          navigation === null ? null : (
            <Link key={to} to={to} className="nav-link" current={path === to}>
              {t(navigation)}
            </Link>
          ),
        )}
      </nav>
      <LiveMark />
      <span className="spacer" />
      <ServerTime />
      <LanguageChoice language={language} choose={choose} />
      <span className="account">
        {account.name}
        <span className="muted"> {[t(`role.${account.role}`), ...(account.constituents ?? [])].join(' · ')}</span>
      </span>
      <button type="button" className="quiet" onClick={signOut}>
        {t('nav.signOut')}
      </button>
    </header>
  )
}

function ServerTime() {
  const { t } = useTexts()
  const now = useNow()
  return (
    <span className="server-time" title={t('nav.clock')}>
      {now === 0 ? '' : `${utcText(now).slice(11, 19)} UTC`}
    </span>
  )
}
