import { negate } from './action.js'
import { contains } from './contains.js'

export const notContains = negate(contains, 'not_contains', 'does not contain')
