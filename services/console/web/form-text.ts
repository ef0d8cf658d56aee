/** What was typed into a field of a form; empty where there is none or it is a file. */
export function typed(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}
