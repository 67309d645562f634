// Generated from schemas/ by `npm run generate`. Do not edit.
/** Changes with any schema: what was validated by another version is validated again. */
export const schemaVersion = '803d3b2e93df4b1d'
