// Generated from schemas/ by `npm run generate`. Do not edit.
/** Changes with any schema: what was validated by another version is validated again. */
export const schemaVersion = 'a0251eac5f3a3f07'
