// Generated from schemas/ by `npm run generate`. Do not edit.
import type { ErrorObject } from 'ajv'

interface Validator {
  (document: unknown): boolean
  errors?: ErrorObject[] | null
}

export declare const validateAdminWebhook: Validator
export declare const validateCallback: Validator
export declare const validateChannel: Validator
export declare const validateDigest: Validator
export declare const validateEventType: Validator
export declare const validateMock: Validator
export declare const validateNamespaceWebhook: Validator
export declare const validateNamespace: Validator
export declare const validatePreference: Validator
export declare const validateSilence: Validator
export declare const validateTemplate: Validator
export declare const validateUserBinding: Validator
export declare const validateUser: Validator
