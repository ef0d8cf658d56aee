import { LANGUAGES, type Language } from '@tocsin/events/languages'
import { useTexts } from '../context.ts'
import { LANGUAGE_NAMES } from '../texts.ts'

interface LanguageChoiceProps {
  language: Language
  choose: (language: Language) => void
}

export function LanguageChoice({ language, choose }: LanguageChoiceProps) {
  const { t } = useTexts()
  return (
    <select
      className="language"
      aria-label={t('nav.language')}
      value={language}
      onChange={(event) => choose(event.target.value as Language)}
    >
      {LANGUAGES.map((one) => (
        <option key={one} value={one} lang={one}>
          {LANGUAGE_NAMES[one]}
        </option>
      ))}
    </select>
  )
}
