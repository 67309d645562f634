import type { Action } from './action.js'

export const any: Action = {
  name: 'any',
  words: 'may be anything',
  takes: 'none',
  whenAbsent: true,
  needs: 'one',
  compile: () => () => true,
}
