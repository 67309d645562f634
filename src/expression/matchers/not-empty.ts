import type { Action } from './action.js'
import { isEmpty } from './empty.js'

export const notEmpty: Action = {
  name: 'notEmpty',
  words: 'is not empty',
  takes: 'none',
  whenAbsent: false,
  needs: 'one',
  compile: () => (found) => !isEmpty(found),
}
