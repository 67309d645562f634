import { type Json, stringifyJson } from '../json.js'
import { compileRegex, type Regex, RegexError } from '../regex.js'
import { type Action, ActionError } from './action.js'

/** RE2 syntax, unanchored. A text is looked at as it is, any other value as JSON. */
export const matches: Action = {
  name: 'matches',
  words: 'matches',
  takes: 'text',
  whenAbsent: false,
  needs: 'one',
  compile: ({ value }) => {
    if (typeof value !== 'string') {
      throw new ActionError(
        'condition-value',
        'the value of matches must be a regular expression in RE2 syntax, as text',
      )
    }
    const regex = compile(value)
    return (found: Json) => regex.test(typeof found === 'string' ? found : stringifyJson(found))
  },
}

function compile(pattern: string): Regex {
  try {
    return compileRegex(pattern)
  } catch (error) {
    if (error instanceof RegexError) throw new ActionError('bad-regex', error.message, error.hint)
    throw error
  }
}
