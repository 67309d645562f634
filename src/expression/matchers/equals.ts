import { jsonEquals } from '../json.js'
import type { Action } from './action.js'

export const equals: Action = {
  name: 'equals',
  words: 'equals',
  takes: 'text',
  whenAbsent: false,
  needs: 'one',
  compile: ({ value, sortArray }) => {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return (found) => found === value
    return (found) => jsonEquals(found, value, { sortArray })
  },
}
