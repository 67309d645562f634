// Generated from schemas/ by `npm run generate`. Do not edit.
/** Changes with any schema: what was validated by another version is validated again. */
export const schemaVersion = '328203f62caa0cc9'
