// Generated from config/settings.schema.json by `npm run generate`. Do not edit.
import type { ErrorObject } from 'ajv'

interface Validator {
  (settings: unknown): boolean
  errors?: ErrorObject[] | null
}

export declare const validateSettings: Validator
