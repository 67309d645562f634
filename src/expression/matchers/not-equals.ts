import { negate } from './action.js'
import { equals } from './equals.js'

export const notEquals = negate(equals, 'not_equals', 'does not equal')
