// The parser of nunjucks has no types of its own: what of its tree is used here.

declare module 'nunjucks/src/parser.js' {
  const parser: { parse(text: string): import('./syntax.js').Node & { readonly typename: 'Root' } }
  export default parser
}
