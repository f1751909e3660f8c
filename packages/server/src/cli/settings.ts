import { settingsFile, settingsPage } from '../config/document.ts'
import { GROUPS } from '../config/settings.ts'
import { OperatorFault } from '../system/fault.ts'
import type { Command } from './command.ts'

const FORMS: Readonly<Record<string, () => string>> = { page: settingsPage, file: settingsFile }

export const settingsCommand: Command = {
  words: ['settings'],
  takes: ['FORM'],
  says: 'prints every setting with what is allowed: page is a text, file a .env to start from',
  async run(_, [form = '']) {
    const text = FORMS[form]?.()
    if (text === undefined)
      throw new OperatorFault(`${form} is no form. Forms are ${Object.keys(FORMS).join(' and ')}.`)
    return { text, data: Object.values(GROUPS).flatMap(group => Object.keys(group)) }
  },
}
